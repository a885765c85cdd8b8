import { sql } from 'kysely';
import type { SourceModel } from '../../../models/model.ts';
import type { DatabaseTransaction } from '../../databases.ts';
import { postgresFault } from '../../postgres-error.ts';
import { landLines, rejectText } from './statements.ts';
import type { LandedLines, Revision } from './statements.ts';

/** Lands whole lines, of which `first` is the number of the first. */
export type TakeText = (
  trx: DatabaseTransaction,
  revision: Revision,
  text: Buffer,
  first: number,
) => Promise<LandedLines>;

const newline = 0x0a;

/**
 * Whether Postgres gave up on a text: JSON nested deeper than its stack, or larger than a value can be. Unlike what
 * `pg_input_is_valid` answers, that ends the statement and with it the transaction.
 *
 * @see https://www.postgresql.org/docs/18/errcodes-appendix.html Class 54, Program Limit Exceeded
 */
export function isBeyondPostgres(error: unknown): boolean {
  return postgresFault(error)?.sqlstate.startsWith('54') === true;
}

/** Lands lines in one statement. */
export function takeText(source: SourceModel, required: readonly string[]): TakeText {
  return async (trx, revision, text, first) => {
    const { rows } = await landLines(source, required, revision, text, first).execute(trx);
    return { landed: rows[0]?.landed ?? 0, rejected: rows[0]?.rejected ?? 0 };
  };
}

/**
 * Lands lines of which Postgres gives up on some: halves them until those are alone, which go to quarantine. For a file
 * that was given up on before, because each statement here has a savepoint, and thousands of them slow every reader.
 */
export function takeTextPiecemeal(source: SourceModel, required: readonly string[]): TakeText {
  const take = takeText(source, required);
  return async function takePiece(trx, revision, text, first): Promise<LandedLines> {
    await sql`savepoint piece`.execute(trx);
    try {
      const done = await take(trx, revision, text, first);
      await sql`release savepoint piece`.execute(trx);
      return done;
    } catch (error) {
      if (!isBeyondPostgres(error)) throw error;
      await sql`rollback to savepoint piece`.execute(trx);
      await sql`release savepoint piece`.execute(trx);
    }
    const middle = middleOf(text);
    if (middle === null) {
      await rejectText(source, revision, first, text, 'nested too deep, or too large, for Postgres').execute(
        trx,
      );
      return { landed: 0, rejected: 1 };
    }
    const [head, tail] = [text.subarray(0, middle), text.subarray(middle)];
    const one = await takePiece(trx, revision, head, first);
    const other = await takePiece(
      trx,
      revision,
      tail,
      first + head.filter((byte) => byte === newline).length,
    );
    return { landed: one.landed + other.landed, rejected: one.rejected + other.rejected };
  };
}

/** Where a line begins, as near to the middle as there is one behind or before it; null for a single line. */
function middleOf(text: Buffer): number | null {
  const half = Math.floor(text.length / 2);
  const after = text.indexOf(newline, half) + 1;
  if (after > 0 && after < text.length) return after;
  const before = text.lastIndexOf(newline, half - 1) + 1;
  return before > 0 ? before : null;
}
