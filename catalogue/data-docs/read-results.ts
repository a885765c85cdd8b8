import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';
import { isObject } from '../../expectations/json.ts';
import type { JsonObject } from '../../expectations/json.ts';

/** A gate's full result, values included, as it is kept for 30 days. */
export interface KeptResult {
  readonly evaluationId: number;
  readonly verdictId: string;
  readonly loadId: number | null;
  readonly model: string;
  readonly gate: 'input' | 'output';
  readonly suite: string;
  readonly suiteHash: string;
  readonly outcome: string;
  readonly rows: number | null;
  readonly asOf: Date;
  readonly evaluatedAt: Date;
  readonly workflowId: string;
  readonly result: JsonObject;
}

/** Which results. */
export interface ResultFilter {
  /** Evaluated from then on, ISO 8601. */
  readonly since: string;
  /** By file name; null for all. */
  readonly suite: string | null;
  /** How many at most, the newest first. */
  readonly limit: number;
}

/** A result is some ten kilobytes, and may be a megabyte. */
const AT_ONCE = 50;

/** Reads results, the newest first, so many at once that memory does not grow with how many there are. */
export async function* readResults(
  database: Database,
  { since, suite, limit }: ResultFilter,
): AsyncGenerator<KeptResult> {
  let before: number | null = null;
  for (let left = limit; left > 0; left -= AT_ONCE) {
    const rows = await readSome(database, { since, suite, limit: Math.min(AT_ONCE, left) }, before);
    for (const row of rows) yield row;
    before = rows.at(-1)?.evaluationId ?? null;
    if (rows.length < AT_ONCE) return;
  }
}

async function readSome(
  database: Database,
  { since, suite, limit }: ResultFilter,
  before: number | null,
): Promise<readonly KeptResult[]> {
  const rows = await kept(database, since, suite)
    .$if(before !== null, (query) => query.where('kept.evaluation_id', '<', before))
    .select(['run.evaluation_id', 'run.verdict_id', 'run.load_id', 'run.model', 'run.gate', 'run.suite'])
    .select(['run.suite_hash', 'run.outcome', 'run.rows_checked', 'run.as_of', 'run.evaluated_at'])
    .select(['run.workflow_id', 'kept.result'])
    .orderBy('kept.evaluation_id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    evaluationId: row.evaluation_id,
    verdictId: row.verdict_id,
    loadId: row.load_id,
    model: row.model,
    gate: row.gate,
    suite: row.suite,
    suiteHash: row.suite_hash,
    outcome: row.outcome,
    rows: row.rows_checked,
    asOf: row.as_of,
    evaluatedAt: row.evaluated_at,
    workflowId: row.workflow_id,
    result: isObject(row.result) ? row.result : {},
  }));
}

/** How many results there are in all, those beyond the limit among them. */
export async function countResults(
  database: Database,
  { since, suite }: Pick<ResultFilter, 'since' | 'suite'>,
): Promise<number> {
  const { count } = await kept(database, since, suite)
    .select(sql<number>`count(*)::int`.as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

/** Who expired is shown to nobody, though it is still there. */
function kept(database: Database, since: string, suite: string | null) {
  return database
    .selectFrom('control.gate_result as kept')
    .innerJoin('control.gate_run as run', 'run.evaluation_id', 'kept.evaluation_id')
    .where('kept.expires_at', '>', sql<Date>`pg_catalog.now()`)
    .where('run.evaluated_at', '>=', new Date(since))
    .$if(suite !== null, (query) => query.where('run.suite', '=', suite ?? ''));
}
