import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Gate } from '../../expectations/verdict.ts';
import { isPublished } from '../../models/model.ts';
import type { Site } from '../site.ts';
import { isBlocking, type Evaluation, type Fate } from './gate-fate.ts';
import { readFates } from './gate-fates.ts';
import { evaluationColumns, redacted } from './gate-run.ts';

/** A verdict in a list: its last evaluation, and what came of it. */
export interface ListedRun {
  readonly latest: Evaluation;
  readonly fate: Fate;
}

/** A gate as headers name it, and its last verdict; null where it was never asked. */
export interface ListedGate {
  readonly model: string;
  readonly gate: Gate;
  readonly suite: string;
  readonly run: ListedRun | null;
}

/** Verdicts that were no pass, in two lists: warnings of every hour do not hide what was held. */
export interface NotPassed {
  readonly heldBack: readonly ListedRun[];
  readonly wentOn: readonly ListedRun[];
}

/** Verdicts of each list: a bad week of an hourly model, and the other models beside it. */
export const MOST_LISTED = 120;

/** Evaluations that are looked through for them: a verdict that is looked at again and again has many. */
const MOST_LOOKED_AT = 800;

/** The last verdicts that did not let their batch through, and the last that did although something broke; newest first. */
export async function readNotPassed(site: Site): Promise<NotPassed> {
  const [blocked, others] = await Promise.all([
    // As the indexes of these say it.
    readVerdicts(site, sql<boolean>`blocks`),
    readVerdicts(site, sql<boolean>`outcome <> 'pass' and blocks is not true`),
  ]);
  // Of an earlier version's verdicts only the outcome says it; they are older than all that say it themselves.
  const [early, wentOn] = [
    others.filter(({ latest }) => isBlocking(latest)),
    others.filter(({ latest }) => !isBlocking(latest)),
  ];
  return { heldBack: [...blocked, ...early], wentOn };
}

async function readVerdicts(site: Site, which: RawBuilder<boolean>): Promise<readonly ListedRun[]> {
  const rows = await site.database
    .selectFrom('control.gate_run')
    .select(evaluationColumns)
    .where(which)
    .orderBy('evaluation_id', 'desc')
    .limit(MOST_LOOKED_AT)
    .execute();
  const seen = new Set<string>();
  const newest = rows.filter(({ verdictId }) => !seen.has(verdictId) && seen.add(verdictId));
  return await listed(site, newest.slice(0, MOST_LISTED).map(redacted));
}

/** The last verdict of every gate that a header names, in the graph's order. */
export async function readLatestOfGates(site: Site): Promise<readonly ListedGate[]> {
  const gates = gatesOf(site);
  const { rows } = await sql<{ evaluationId: number }>`
    select last.evaluation_id as "evaluationId"
    from unnest(${gates.map(({ model }) => model)}::text[], ${gates.map(({ gate }) => gate)}::text[])
      as asked (model, gate)
    cross join lateral (
      select r.evaluation_id from control.gate_run as r
      -- No =, which would let the index on evaluation_id alone be read back for a gate that was never asked.
      where r.model >= asked.model and r.model <= asked.model and r.gate >= asked.gate and r.gate <= asked.gate
      order by r.model desc, r.gate desc, r.evaluation_id desc limit 1
    ) as last`.execute(site.database);
  const evaluations = await readByIds(
    site,
    rows.map(({ evaluationId }) => evaluationId),
  );
  const runs = await listed(site, evaluations);
  return gates.map((one) => ({
    ...one,
    run: runs.find(({ latest }) => latest.model === one.model && latest.gate === one.gate) ?? null,
  }));
}

async function readByIds({ database }: Site, ids: readonly number[]): Promise<readonly Evaluation[]> {
  if (ids.length === 0) return [];
  const rows = await database
    .selectFrom('control.gate_run')
    .select(evaluationColumns)
    .where('evaluation_id', 'in', ids)
    .execute();
  return rows.map(redacted);
}

function gatesOf({ repository }: Site): readonly Omit<ListedGate, 'run'>[] {
  return repository.graph.models.filter(isPublished).flatMap(({ name, gates }) =>
    (['input', 'output'] as const).flatMap((gate) => {
      const header = gates[gate];
      return header === null ? [] : [{ model: name, gate, suite: header.suite }];
    }),
  );
}

async function listed(site: Site, latest: readonly Evaluation[]): Promise<readonly ListedRun[]> {
  const fates = await readFates(site, latest);
  return latest.flatMap((one) => {
    const fate = fates.get(one.verdictId);
    return fate === undefined ? [] : [{ latest: one, fate }];
  });
}

/**
 * The verdicts that a static site has a page of: those that are listed, what holds now, and what open incidents are
 * about. Where it is served live every verdict has one.
 */
export async function readVerdictsOfSite(site: Site): Promise<readonly string[]> {
  const [notPassed, gates, named] = await Promise.all([
    readNotPassed(site),
    readLatestOfGates(site),
    sql<{ verdictId: string }>`
      select verdict_id as "verdictId" from control.lease where verdict_id is not null
      union
      select unnest(array[verdict_id, last_verdict_id]) from control.incident where state = 'open'`.execute(
      site.database,
    ),
  ]);
  const ids = [
    ...[...notPassed.heldBack, ...notPassed.wentOn].map(({ latest }) => latest.verdictId),
    ...gates.flatMap(({ run }) => run?.latest.verdictId ?? []),
    ...named.rows.flatMap(({ verdictId }) => verdictId ?? []),
  ];
  return [...new Set(ids)];
}
