import { sql } from 'kysely';
import type { DatabaseTransaction } from '../databases.ts';

/** Longer than any call to Temporal between two statements. */
const IDLE = '30s';

/**
 * Makes pages of one installation follow each other until the transaction ends: who joins whom is decided once. A worker
 * that stands still, or whose machine is cut off, keeps the others waiting for half a minute and not until TCP notices.
 */
export async function lockPages(transaction: DatabaseTransaction, environment: string): Promise<Date> {
  await sql`select pg_catalog.set_config('idle_in_transaction_session_timeout', ${IDLE}, true)`.execute(
    transaction,
  );
  await sql`
    select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(${`weir pages of ${environment}`}, 0))`.execute(
    transaction,
  );
  const { rows } = await sql<{ now: Date }>`select pg_catalog.clock_timestamp() as now`.execute(transaction);
  return rows[0]?.now ?? new Date();
}
