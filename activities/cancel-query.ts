import { sql } from 'kysely';
import type { Database, DatabaseTransaction } from './databases.ts';

/** Where a query of a pool is cancelled from: a pool whose places are all taken has none left to say so. */
const aside = new WeakMap<Database, Database>();

/**
 * Names the connections from which queries of a pool are cancelled. Without them it is done from the pool itself.
 *
 * @param from of the same login: no other may cancel.
 */
export function cancelFrom(pool: Database, from: Database): void {
  aside.set(pool, from);
}

/** A cancel that arrives between two statements finds nothing to cancel: it is said again for as long as work goes on. */
const AGAIN_MS = 250;

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
  const said: Promise<unknown>[] = [];
  const cancel = (): void => {
    // A query that cannot be cancelled ends by itself, and its attempt is fenced off.
    said.push(sql`select pg_cancel_backend(${pid})`.execute(aside.get(db) ?? db).catch(() => undefined));
  };
  let again: NodeJS.Timeout | undefined;
  const begin = (): void => {
    cancel();
    again = setInterval(cancel, AGAIN_MS);
  };
  if (signal.aborted) begin();
  signal.addEventListener('abort', begin);
  try {
    return await work();
  } finally {
    signal.removeEventListener('abort', begin);
    clearInterval(again);
    // The connection goes to somebody else now, whose query nobody means to cancel.
    await Promise.all(said);
  }
}
