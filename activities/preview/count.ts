import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { DatabaseTransaction } from '../databases.ts';
import { evaluationError } from '../gate/fault.ts';

/** How many rows, and whether they were counted. */
export interface Rows {
  readonly rows: number;
  readonly exact: boolean;
}

/** More rows than this are not counted: the planner's guess will do. */
const FEW = 200_000;

/** As long as counting may take, in milliseconds. */
const PATIENCE = 2000;

/**
 * How many rows a query has: counted where they are few, else as the planner sees it.
 *
 * @param query `select … from …`; @param guess a query of as many rows, or of more, that the planner understands better.
 * @returns null where Postgres refuses the query: what it reads is not there yet.
 */
export async function countRows(
  trx: DatabaseTransaction,
  query: RawBuilder<unknown>,
  guess: RawBuilder<unknown> = query,
): Promise<Rows | null> {
  const planned = await attempt(trx, async () => {
    const { rows } = await sql<{ 'QUERY PLAN': unknown }>`explain (format json) ${guess}`.execute(trx);
    return plannedRows(rows[0]?.['QUERY PLAN']);
  });
  if (planned === null || planned > FEW) return planned === null ? null : { rows: planned, exact: false };
  const counted = await attempt(trx, async () => {
    await sql`select set_config('statement_timeout', ${String(PATIENCE)}, true)`.execute(trx);
    const { rows } = await sql<{ rows: number }>`select count(*) as rows from (${query}) as counted`.execute(
      trx,
    );
    return rows[0]?.rows ?? 0;
  });
  return counted === null ? { rows: planned, exact: false } : { rows: counted, exact: true };
}

/** An error of Postgres is no answer, and does not end the transaction. */
async function attempt<T>(trx: DatabaseTransaction, work: () => Promise<T>): Promise<T | null> {
  await sql`savepoint attempted`.execute(trx);
  try {
    return await work();
  } catch (error) {
    if (evaluationError(error) === null) throw error;
    return null;
  } finally {
    // Back to before: settings too.
    await sql`rollback to savepoint attempted`.execute(trx);
  }
}

function plannedRows(explained: unknown): number {
  const [first]: unknown[] = Array.isArray(explained) ? explained : [];
  const plan = typeof first === 'object' && first !== null && 'Plan' in first ? first.Plan : null;
  const rows = typeof plan === 'object' && plan !== null && 'Plan Rows' in plan ? plan['Plan Rows'] : 0;
  return Number(rows);
}

/** `417 rows`, `about 12,000 rows`. */
export function rowsText({ rows, exact }: Rows, what = 'row'): string {
  const rounded = exact ? rows : Number(rows.toPrecision(2));
  const text = `${String(rounded).replace(/\B(?=(\d{3})+(?!\d))/g, ',')} ${what}${rounded === 1 ? '' : 's'}`;
  return exact ? text : `about ${text}`;
}
