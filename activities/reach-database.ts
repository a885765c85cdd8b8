import { ApplicationFailure } from '@temporalio/activity';
import { sql } from 'kysely';
import type { Database } from './databases.ts';
import { postgresFault } from './postgres-error.ts';

/** How long a Postgres that is there may take to say so. */
const PATIENCE_MS = 8_000;

/**
 * Asks Postgres whether it is there.
 *
 * @throws ApplicationFailure `DatabaseUnreachable` where it does not answer in time or lets nobody in, with the SQLSTATE or
 *   the network's code: the monitor counts how long.
 */
export async function reachDatabase(db: Database, patienceMs = PATIENCE_MS): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('late')), patienceMs);
  });
  const asked = sql`select 1`.execute(db);
  // It may fail after nobody waits for it any more.
  asked.catch(() => undefined);
  try {
    await Promise.race([asked, late]);
  } catch (error) {
    throw ApplicationFailure.create({
      type: 'DatabaseUnreachable',
      message: `Postgres cannot be reached: ${codeOf(error, patienceMs)}.`,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** The code only: messages name hosts and users. */
function codeOf(error: unknown, patienceMs: number): string {
  if (error instanceof Error && error.message === 'late') return `no answer within ${patienceMs / 1000} s`;
  const fault = postgresFault(error);
  if (fault !== null) return `SQLSTATE ${fault.sqlstate}`;
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : null;
  return typeof code === 'string' ? code : 'the connection was lost';
}
