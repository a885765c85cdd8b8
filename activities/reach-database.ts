import { ApplicationFailure } from '@temporalio/activity';
import { sql } from 'kysely';
import type { Database } from './databases.ts';
import { postgresFault } from './postgres-error.ts';

/** How long a Postgres that is there may take to say so. */
const PATIENCE_MS = 5_000;

/** How long a round's work may take before it is asked again whether Postgres is there: a fraction of a second is usual. */
export const WORK_MS = 20_000;

/**
 * Asks Postgres whether it is there.
 *
 * @throws ApplicationFailure `DatabaseUnreachable` where it does not answer in time or lets nobody in, with the SQLSTATE or
 *   the network's code: the monitor counts how long.
 */
export async function reachDatabase(db: Database): Promise<void> {
  try {
    await within(PATIENCE_MS, sql`select 1`.execute(db));
  } catch (error) {
    throw ApplicationFailure.create({
      type: 'DatabaseUnreachable',
      message: `Postgres cannot be reached: ${codeOf(error)}.`,
    });
  }
}

/**
 * Runs `work` where Postgres is there, and does not wait for ever where it goes away meanwhile.
 *
 * @throws ApplicationFailure `DatabaseUnreachable`, as `reachDatabase` does.
 */
export async function whileReached<T>(db: Database, work: () => Promise<T>): Promise<T> {
  await reachDatabase(db);
  try {
    return await within(WORK_MS, work());
  } catch (error) {
    if (error instanceof TooLate) await reachDatabase(db);
    throw error;
  }
}

class TooLate extends Error {}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TooLate(`no answer within ${ms / 1000} s`)), ms);
  });
  // It may fail after nobody waits for it any more.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The code only: messages name hosts and users. */
function codeOf(error: unknown): string {
  if (error instanceof TooLate) return error.message;
  const fault = postgresFault(error);
  if (fault !== null) return `SQLSTATE ${fault.sqlstate}`;
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : null;
  return typeof code === 'string' ? code : 'the connection was lost';
}
