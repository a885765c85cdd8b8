import { sql } from 'kysely';
import type { Database } from '../databases.ts';
import { attributeOf } from './ended-runs.ts';
import { quoted, type LookDeps } from './look.ts';
import { typeOf } from './subjects.ts';

/** A run that shows that it is well again. */
export interface GoodRun {
  readonly workflowId: string;
  readonly runId: string;
}

/** Runs that are looked through: the last one that went through is nearly always the first. */
const LOOKED_THROUGH = 50;

/**
 * A run that went through after another had ended. One over the past shows nothing of the scheduled runs, nor does one
 * that only looked, nor an interval of a backfill.
 */
export async function findGoodRun(deps: LookDeps, subject: string, since: Date): Promise<GoodRun | null> {
  const type = typeOf(subject);
  if (type === 'incident') return await findLaterIncident(deps, subject, since);
  const query = [
    `TaskQueue = ${quoted(deps.taskQueue)}`,
    `WorkflowType = ${quoted(type)}`,
    'ExecutionStatus = "Completed"',
    `CloseTime > ${quoted(since.toISOString())}`,
    'ParentWorkflowId is null',
    ...(type === 'backfill' && subject !== 'backfill'
      ? [`WeirPipeline = ${quoted(subject.replace(/-backfill$/, ''))}`]
      : []),
  ].join(' and ');
  const found: GoodRun[] = [];
  for await (const info of deps.client.workflow.list({ query, pageSize: LOOKED_THROUGH })) {
    if (attributeOf(info, 'WeirGateState') !== 'dryRun')
      found.push({ workflowId: info.workflowId, runId: info.runId });
    if (found.length >= LOOKED_THROUGH) break;
  }
  const past = await overThePast(deps.db, found);
  return found.find(({ runId }) => !past.has(runId)) ?? null;
}

async function overThePast(db: Database, runs: readonly GoodRun[]): Promise<ReadonlySet<string>> {
  if (runs.length === 0) return new Set();
  const rows = await db
    .selectFrom('control.load')
    .select('run_id')
    .distinct()
    // By the index that the ledger has; of each there are few loads.
    .where('workflow_id', 'in', [...runs.map(({ workflowId }) => workflowId)])
    .where('run_id', 'in', [...runs.map(({ runId }) => runId)])
    .where(sql<boolean>`read_window ->> 'kind' = 'interval'`)
    .execute();
  return new Set(rows.map(({ run_id: runId }) => runId));
}

/** Another run of the same incident has its events now. */
async function findLaterIncident(
  { client }: LookDeps,
  workflowId: string,
  since: Date,
): Promise<GoodRun | null> {
  const query = `WorkflowId = ${quoted(workflowId)} and StartTime >= ${quoted(since.toISOString())} and ExecutionStatus in ("Running", "Completed")`;
  for await (const { runId } of client.workflow.list({ query, pageSize: 1 })) return { workflowId, runId };
  return null;
}
