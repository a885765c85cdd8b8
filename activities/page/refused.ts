import { log } from '@temporalio/activity';
import { attemptNumber } from '../attempt-number.ts';
import type { Database } from '../databases.ts';
import { cutText } from '../notifiers/cut.ts';
import { postgresFault } from '../postgres-error.ts';
import { recordGivenUp } from '../send/delivery-books.ts';
import { storable } from '../storable.ts';
import { cutDedupKey } from './dedup-key.ts';
import type { AlarmPage } from './page-input.ts';

/** What stands in the books in a receiver's place where nobody could be told, as the incident could not be written down. */
export const REFUSED_BY = 'postgres';

/**
 * Classes that lie in the row itself: a value that is none of its type, a broken constraint, a text that no index holds.
 *
 * @see https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const IN_THE_ROW = /^(22|23|54)/;

/** Tries before it is the row's fault and not that of what ran beside it: some three seconds. */
const TRIES = 5;

/** So much of what the page says stands in the books. */
const SAID_LENGTH = 300;

/**
 * Tells of an alarm, and gives up one whose incident Postgres refuses to have: tried for a day, it would keep all that the
 * monitor has to tell behind it. It is logged as an error and stands in the books as not delivered to
 * {@link REFUSED_BY}, by which the alert on pages that were not delivered fires. Other failures are tried again.
 *
 * @returns what `tellIt` does; null for what was given up.
 * @throws what `tellIt` does, and what Postgres says where even that cannot be written.
 */
export async function unlessRefused(
  db: Database,
  page: AlarmPage,
  dedupKey: string,
  tellIt: () => Promise<string | null>,
): Promise<string | null> {
  try {
    return await tellIt();
  } catch (error) {
    const sqlstate = postgresFault(error)?.sqlstate ?? '';
    const attempt = attemptNumber();
    if (!IN_THE_ROW.test(sqlstate) || (attempt !== null && attempt < TRIES)) throw error;
    const { alarm, subject, occasion, state, severity, summary } = page;
    const event = {
      eventId: cutDedupKey(storable(`${dedupKey}/${occasion}/${state}`)),
      dedupKey: cutDedupKey(storable(dedupKey)),
      action: state === 'raised' ? ('trigger' as const) : ('resolve' as const),
    };
    const said = cutText(storable(summary), SAID_LENGTH);
    await recordGivenUp(
      db,
      event,
      REFUSED_BY,
      `the incident could not be written down (SQLSTATE ${sqlstate}); it says, ${severity}: ${said}`,
    );
    if (attempt !== null)
      log.error('a page was given up: Postgres refuses its incident', { alarm, subject, state, sqlstate });
    return null;
  }
}
