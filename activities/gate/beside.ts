import { sql } from 'kysely';
import type { Setting } from '../../models/window.ts';
import { cancelWith } from '../cancel-query.ts';
import type { Database, DatabaseTransaction } from '../databases.ts';
import { applySettings } from '../load-window.ts';

/** Where a second connection comes from, and how it comes to read what the first one reads. */
export interface Beside {
  /** The pool that the first connection is from. */
  readonly pool: Database;
  /** What the first transaction has set; the second one sets the same. */
  readonly settings: readonly Setting[];
  /** Cancels what both are at. */
  readonly signal?: AbortSignal;
  /** From how many rows on a second connection is taken, as estimated; what was measured to be best, if left out. */
  readonly manyRows?: number;
}

/** Work for another connection. */
export interface Work<T> {
  readonly work: (other: DatabaseTransaction) => Promise<T>;
  /** Called when it has begun and throws. */
  readonly fail: (error: unknown) => void;
}

/** Work that another connection does meanwhile. */
export interface Errand<T> {
  /**
   * Its result. Null where until now no connection has come, or it could not be made to read the same: nothing has been
   * asked then, and nothing will be.
   */
  finish(): Promise<T | null>;
}

/**
 * Runs work on another connection, on the same rows, in a transaction that may only read. Nobody waits for that
 * connection: the pool may have none left, because others hold one and want a second as we do.
 *
 * @param trx a repeatable-read transaction outside of any savepoint.
 * @see https://www.postgresql.org/docs/18/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION
 */
export async function sendBeside<T>(
  trx: DatabaseTransaction,
  { pool, settings, signal }: Beside & { readonly signal: AbortSignal },
  { work, fail }: Work<T>,
): Promise<Errand<T>> {
  const { rows } = await sql<{ snapshot: string }>`select pg_export_snapshot() as snapshot`.execute(trx);
  const snapshot = rows[0]?.snapshot ?? '';
  let [begun, tooLate] = [false, false];
  const running = pool
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (other) => {
      if (tooLate) return null;
      // oxlint-disable-next-line no-restricted-properties -- This command takes no bound value; the text is Postgres's own.
      await sql`set transaction snapshot ${sql.lit(snapshot)}`.execute(other);
      await applySettings(other, settings);
      return cancelWith(signal, pool, other, async () => {
        if (tooLate) return null;
        begun = true;
        return work(other);
      });
    });
  running.catch((error: unknown) => {
    if (begun) fail(error);
  });
  return {
    finish: async () => {
      tooLate = true;
      return begun ? running : null;
    },
  };
}
