import { ApplicationFailure } from '@temporalio/activity';
import type { Gate } from '../expectations/verdict.ts';
import { isPublished } from '../models/model.ts';
import type { PublishedModel } from '../models/model.ts';
import { isRebuild, replayedLoad } from '../models/window.ts';
import type { Window } from '../models/window.ts';
import { chooseWindow } from './choose-window.ts';
import type { WindowRequest } from './choose-window.ts';
import type { Databases, DatabaseTransaction } from './databases.ts';
import { withHeartbeat } from './heartbeat.ts';
import { withoutValues } from './postgres-error.ts';
import { rowsText } from './preview/count.ts';
import type { Rows } from './preview/count.ts';
import { readFacts } from './preview/facts.ts';
import type { ModelFacts } from './preview/facts.ts';
import { countWindow } from './preview/read-window.ts';
import type { PlannedWindow } from './preview/read-window.ts';
import { readRepository } from './repository.ts';
import type { Repository, RepositoryFolders } from './repository.ts';
import { takeSnapshot } from './snapshot.ts';
import type { TakenSnapshot } from './snapshot.ts';

export interface PreviewInput {
  /** Models, as they were planned. */
  readonly models: readonly { readonly model: string; readonly window: WindowRequest }[];
  /** ISO 8601, UTC. */
  readonly asOf: string;
}

/** What a run would do with one model. */
export interface PreviewedModel {
  readonly model: string;
  readonly reads: 'arrival' | 'interval' | 'rebuild' | 'replay' | 'whole relations' | 'nothing';
  /** In words: from when, how many rows wait. */
  readonly text: string;
  /** Rows that wait now, of all its deltas; what the run extracts and publishes before comes on top. Null: not known. */
  readonly rows: number | null;
  /** Whether the rows were counted; else the planner's guess. */
  readonly exact: boolean;
  /** Suites, by gate. */
  readonly gates: Readonly<Partial<Record<Gate, string>>>;
  /** The run that holds the model now: this one would leave it. */
  readonly heldBy: { readonly workflowId: string; readonly since: string } | null;
}

/** What a run would do, in the order of its plan. */
export interface Preview {
  readonly models: readonly PreviewedModel[];
}

/** Makes the activity that says what a run would do. It only reads: no load is opened, no lease taken, nobody told. */
export function createPreview({
  databases,
  folders,
}: {
  readonly databases: Databases;
  readonly folders: RepositoryFolders;
}) {
  return {
    preview: (input: PreviewInput): Promise<Preview> =>
      withoutValues('preview', () =>
        withHeartbeat(async (signal) => {
          const repository = await readRepository(folders);
          const taken = await takeSnapshot(databases.loader);
          const factsOf = await reading(databases, readFacts);
          const models: PreviewedModel[] = [];
          for (const { model: name, window } of input.models) {
            signal.throwIfAborted();
            const model = repository.graph.byName.get(name);
            if (model === undefined || !isPublished(model)) continue; // Its file went away after the plan.
            const about = { repository, model, facts: factsOf(name), taken, asOf: input.asOf };
            models.push(await reading(databases, (trx) => previewModel(trx, about, window)));
          }
          return { models };
        }),
      ),
  };
}

async function reading<T>({ loader }: Databases, work: (trx: DatabaseTransaction) => Promise<T>): Promise<T> {
  return await loader
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(work);
}

interface About {
  readonly repository: Repository;
  readonly model: PublishedModel;
  readonly facts: ModelFacts;
  readonly taken: TakenSnapshot;
  readonly asOf: string;
}

async function previewModel(
  trx: DatabaseTransaction,
  { repository: { graph }, model, facts, taken, asOf }: About,
  request: WindowRequest,
): Promise<PreviewedModel> {
  const { input, output } = model.gates;
  const about = {
    model: model.name,
    gates: {
      ...(input === null ? {} : { input: input.suite }),
      ...(output === null ? {} : { output: output.suite }),
    },
    heldBy: facts.held === null ? null : { workflowId: facts.held.workflowId, since: facts.held.since },
  };
  const window = await chosen(trx, { model, graph }, request, taken);
  if (typeof window === 'string')
    return { ...about, reads: 'nothing', text: window, rows: null, exact: false };
  const found = await countWindow(trx, graph, model, window, { marks: facts.marks, taken, asOf });
  const { rows, exact } = sumOf(found) ?? { rows: null, exact: false };
  return { ...about, reads: readsOf(window), text: windowText(found), rows, exact };
}

/** The window, or why a load would refuse to open it. */
async function chosen(
  trx: DatabaseTransaction,
  loaded: Parameters<typeof chooseWindow>[1],
  request: WindowRequest,
  taken: TakenSnapshot,
): Promise<Window | string> {
  try {
    return await chooseWindow(trx, loaded, request, taken);
  } catch (error) {
    if (error instanceof ApplicationFailure && error.nonRetryable === true)
      return `would be refused: ${error.message}`;
    throw error;
  }
}

function readsOf(window: Window): PreviewedModel['reads'] {
  if (replayedLoad(window) !== null) return 'replay';
  if (isRebuild(window)) return 'rebuild';
  return window.kind === 'whole' ? 'whole relations' : window.kind;
}

function sumOf({ deltas, made }: PlannedWindow): Rows | null {
  if (made !== null) return made;
  const known = deltas.flatMap(({ rows }) => rows ?? []);
  if (known.length === 0) return null;
  return {
    rows: known.reduce((sum, { rows }) => sum + rows, 0),
    exact: known.length === deltas.length && known.every(({ exact }) => exact),
  };
}

function windowText({ window, deltas, keys, made }: PlannedWindow): string {
  if (window.kind === 'whole') return made === null ? 'not there yet' : `${rowsText(made)} as they are now`;
  const replayed = replayedLoad(window);
  // From the watermark on reads only who reads by arrival.
  const fromMark = window.kind === 'arrival' && !isRebuild(window) && replayed === null;
  const texts = deltas.map(({ delta, since, rows }) => {
    const from = fromMark && since !== null ? ` since ${since.movedAt}` : '';
    return `${delta}${from}: ${rows === null ? 'not there yet' : rowsText(rows)}`;
  });
  const touched = keys === null ? [] : [`touches ${rowsText(keys, 'key')}`];
  const span = window.kind === 'interval' ? [`[${window.start}, ${window.end})`] : [];
  const again = replayed === null ? [] : [`the window of load ${replayed} again`];
  return [[...texts, ...touched].join('; '), ...span, ...again].join(', ');
}
