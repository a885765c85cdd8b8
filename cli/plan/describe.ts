import { readColumns } from '../../activities/columns.ts';
import type { Repository } from '../../activities/repository.ts';
import type { DatabaseTransaction } from '../../activities/databases.ts';
import type { TakenSnapshot } from '../../activities/snapshot.ts';
import { decideOnFailure } from '../../expectations/on-failure.ts';
import type { OnFailure } from '../../expectations/on-failure.ts';
import type { Gate } from '../../expectations/verdict.ts';
import { isPublished } from '../../models/model.ts';
import type { Model, PublishedModel } from '../../models/model.ts';
import { changesOf } from './changes.ts';
import type { Changes } from './changes.ts';
import { readFacts } from '../../activities/preview/facts.ts';
import type { ModelFacts } from '../../activities/preview/facts.ts';
import { countWindow, usualWindow } from '../../activities/preview/read-window.ts';
import type { PlannedWindow } from '../../activities/preview/read-window.ts';
import type { SelectColumns } from './select-columns.ts';
import { sentSql } from './sent-sql.ts';
import type { SentSql } from './sent-sql.ts';

/** What a gate asks, and how many of its promises do what to the data when they fail. */
export interface PlannedGate {
  readonly gate: Gate;
  readonly suite: string;
  readonly promises: Readonly<Record<OnFailure, number>>;
}

/** What would be done with a model, and what has changed. */
export interface Planned {
  readonly model: Model;
  /** Names that it reads, of those planned. */
  readonly after: readonly string[];
  /** Of a model that loads publish. */
  readonly load: {
    readonly window: PlannedWindow;
    readonly gates: readonly PlannedGate[];
    readonly changes: Changes;
    readonly held: ModelFacts['held'];
    readonly sql: SentSql | null;
  } | null;
}

/** What a plan is made from, beside the books. */
export interface PlanContext {
  readonly repository: Repository;
  readonly models: readonly Model[];
  readonly taken: TakenSnapshot;
  readonly asOf: string;
  readonly selects: ReadonlyMap<string, SelectColumns>;
  readonly withSql: boolean;
}

/** Describes what would be done with each model, in order. @param trx reads only. */
export async function describePlan(
  trx: DatabaseTransaction,
  context: PlanContext,
): Promise<readonly Planned[]> {
  const { models, repository } = context;
  const factsOf = await readFacts(trx);
  const planned: Planned[] = [];
  for (const model of models) {
    const after = (repository.graph.upstream.get(model.name) ?? []).filter((name) =>
      models.some((one) => one.name === name),
    );
    const load = isPublished(model) ? await describeLoad(trx, context, model, factsOf(model.name)) : null;
    planned.push({ model, after, load });
  }
  return planned;
}

async function describeLoad(
  trx: DatabaseTransaction,
  { repository: { graph, suites }, taken, asOf, selects, withSql }: PlanContext,
  model: PublishedModel,
  facts: ModelFacts,
): Promise<Planned['load']> {
  const table = await readColumns(trx, model.layer, model.name);
  const select = selects.get(model.name);
  const counting = { marks: facts.marks, taken, asOf };
  const window = await countWindow(trx, graph, model, usualWindow(model, counting), counting);
  const sql = withSql ? await sentSql(trx, model, window.window, asOf) : null;
  const changes = changesOf({ model, graph, suites, facts, select, table });
  return { window, gates: gatesOf(model, suites), changes, held: facts.held, sql };
}

function gatesOf(model: PublishedModel, suites: Repository['suites']): readonly PlannedGate[] {
  return (['input', 'output'] as const).flatMap((gate) => {
    const header = model.gates[gate];
    const suite = header === null ? undefined : suites.get(header.suite);
    if (header === null || suite === undefined) return [];
    const promises = { hold: 0, quarantine: 0, continue: 0 };
    for (const { severity, weir } of suite.expectations) {
      // Whether rows can be shown is known when it is asked; of what says quarantine they nearly always can.
      const kind = { severity, rowLevel: true, errored: false };
      promises[decideOnFailure([weir, suite.weir, header], kind)] += 1;
    }
    return [{ gate, suite: header.suite, promises }];
  });
}
