import { sql } from 'kysely';
import type { Database, DatabaseTransaction } from './databases.ts';

/**
 * Runs `work` in a transaction and cancels the query it is at when the signal is aborted, so that an activity that was
 * cancelled or timed out does not keep the server busy, nor a worker that is asked to stop waiting. The transaction
 * then fails with SQLSTATE 57014 and nothing of it stays.
 *
 * @param db the pool the transaction is from: only the same login may cancel.
 */
export async function cancelWith<T>(
  signal: AbortSignal,
  db: Database,
  trx: DatabaseTransaction,
  work: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
  const pid = rows[0]?.pid ?? 0;
  const cancel = (): void => {
    // A query that cannot be cancelled ends by itself, and its attempt is fenced off.
    sql`select pg_cancel_backend(${pid})`.execute(db).catch(() => undefined);
  };
  signal.addEventListener('abort', cancel);
  try {
    return await work();
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
