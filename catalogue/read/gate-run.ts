import { sql } from 'kysely';
import { changedLately, type Change } from '../../activities/page/changed-lately.ts';
import { lineageOf } from '../../activities/page/lineage.ts';
import { redactText } from '../../expectations/redact.ts';
import type { Site } from '../site.ts';
import type { Evaluation, Fate, MadeDecision } from './gate-fate.ts';
import { readFates } from './gate-fates.ts';
import { readGateIncident, type GateIncident } from './gate-incident.ts';
import { readGateLoad, readLastGood, type GateLoad, type LastGood } from './gate-load.ts';

/** One verdict, with all that came of it. */
export interface GateRun {
  /** All of this verdict, oldest first: looked at again, a gate that ends the same way keeps it. */
  readonly evaluations: readonly [Evaluation, ...Evaluation[]];
  readonly latest: Evaluation;
  readonly fate: Fate;
  /** Of the last evaluation; null where the ledger does not have it. */
  readonly load: GateLoad | null;
  readonly decisions: readonly MadeDecision[];
  readonly incident: GateIncident;
  readonly lastGood: LastGood | null;
  /** What changed in the week before, where the verdict is younger than that; null where nobody can say any more. */
  readonly changes: readonly Change[] | null;
  readonly previous: Neighbour | null;
  readonly next: Neighbour | null;
}

/** Another verdict of the same gate. */
export type Neighbour = Pick<Evaluation, 'verdictId' | 'outcome' | 'at' | 'suiteHash' | 'lookedBecause'>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads one verdict and what came of it, every question by an index; null where there is none of that id. */
export async function readGateRun(site: Site, verdictId: string): Promise<GateRun | null> {
  if (!UUID.test(verdictId)) return null;
  const [first, ...more] = await readEvaluations(site, verdictId);
  if (first === undefined) return null;
  const latest = more.at(-1) ?? first;
  const { model, loadId } = latest;
  const [fates, load, decisions, incident, lastGood, changes, previous, next] = await Promise.all([
    readFates(site, [latest]),
    readGateLoad(site.database, loadId),
    readDecisions(site, verdictId),
    readGateIncident(site, latest),
    readLastGood(site.database, model, loadId),
    readChanges(site, latest),
    readNeighbour(site, first, 'before'),
    readNeighbour(site, latest, 'after'),
  ]);
  const fate = fates.get(verdictId);
  if (fate === undefined) return null; // Taken away between two statements.
  return {
    evaluations: [first, ...more],
    ...{ latest, fate, load, decisions, incident, lastGood, changes, previous, next },
  };
}

/** What is asked of an evaluation wherever one is shown. */
export const evaluationColumns = [
  'evaluation_id as evaluationId',
  'verdict_id as verdictId',
  'load_id as loadId',
  'model',
  'gate',
  'suite',
  'suite_hash as suiteHash',
  'outcome',
  'blocks',
  'rows_checked as rows',
  'expectations_evaluated as evaluated',
  'expectations_failed as failed',
  'broken',
  'reason',
  'looked_because as lookedBecause',
  'as_of as asOf',
  'evaluated_at as at',
  'workflow_id as workflowId',
  'run_id as runId',
] as const;

async function readEvaluations({ database }: Site, verdictId: string): Promise<readonly Evaluation[]> {
  const rows = await database
    .selectFrom('control.gate_run')
    .select(evaluationColumns)
    .where('verdict_id', '=', verdictId)
    .orderBy('evaluation_id')
    .execute();
  return rows.map(redacted);
}

/** An evaluation as it may be shown: words that a suite, a file's name or a person brought in are redacted. */
export function redacted(row: Evaluation): Evaluation {
  const { broken, lookedBecause } = row;
  return {
    ...row,
    broken: broken?.map(redactText) ?? null,
    lookedBecause: lookedBecause === null ? null : redactText(lookedBecause),
  };
}

async function readDecisions({ database }: Site, verdictId: string): Promise<readonly MadeDecision[]> {
  const rows = await database
    .selectFrom('control.decision')
    .select(['decision', 'reason', 'decided_by as by', 'decided_at as at'])
    .where('verdict_id', '=', verdictId)
    .orderBy('decision_id')
    .execute();
  return rows.map((row) => ({ ...row, reason: redactText(row.reason), by: redactText(row.by) }));
}

const WEEK_MS = 7 * 24 * 3_600_000;

async function readChanges(site: Site, { model, at }: Evaluation): Promise<readonly Change[] | null> {
  if (site.at.getTime() - at.getTime() > WEEK_MS) return null;
  const above = lineageOf(site.repository.graph).above(model);
  const changes = await changedLately(site.database, model, [...above]);
  return changes.map(({ what, at: when }) => ({ what: redactText(what), at: when }));
}

/** The verdict before or after this one, of the same gate. */
async function readNeighbour(
  { database }: Site,
  { model, gate, evaluationId, verdictId }: Evaluation,
  side: 'before' | 'after',
) {
  const row = await database
    .selectFrom('control.gate_run')
    .select(evaluationColumns)
    .where('model', '=', model)
    .where('gate', '=', gate)
    .where('evaluation_id', side === 'before' ? '<' : '>', evaluationId)
    .where('verdict_id', '<>', sql<string>`${verdictId}::uuid`)
    .orderBy('evaluation_id', side === 'before' ? 'desc' : 'asc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : redacted(row);
}
