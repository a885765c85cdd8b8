import { sql } from 'kysely';
import type { DatabaseTransaction } from '../../databases.ts';
import { isBeyondPostgres } from '../files/file-format.ts';
import type { FileContent } from '../files/file-format.ts';
import { rejectText } from '../records/reject.ts';
import { addRecords, noRecords } from '../records/revision.ts';
import { landLines } from './statements.ts';
import type { LandedLines } from './statements.ts';

/** Lands whole lines, of which `first` is the number of the first. */
export type TakeText = (text: Buffer, first: number) => Promise<LandedLines>;

const newline = 0x0a;

/** What a statement over no lines does. */
export const noLines: LandedLines = { ...noRecords, present: {} };

/** Two counts as one. */
export function addLines(one: LandedLines, other: LandedLines): LandedLines {
  const present = { ...one.present };
  for (const [column, count] of Object.entries(other.present))
    present[column] = (present[column] ?? 0) + count;
  return { ...addRecords(one, other), present };
}

/** Lands lines in one statement. @param required as `landLines`. */
export function takeText({ trx, source, revision }: FileContent, required: readonly string[]): TakeText {
  return async (text, first) => {
    const { rows } = await landLines(source, required, revision, text, first).execute(trx);
    return rows[0] ?? noLines;
  };
}

/**
 * Lands lines of which Postgres gives up on some: halves them until those are alone, which go to quarantine. For a file
 * that was given up on before, because each statement here has a savepoint, and thousands of them slow every reader.
 */
export function takeTextPiecemeal(content: FileContent, required: readonly string[]): TakeText {
  const { trx, source, revision } = content;
  const take = takeText(content, required);
  return async function takePiece(text, first): Promise<LandedLines> {
    const done = await trySaved(trx, () => take(text, first));
    if (done !== null) return done;
    const middle = middleOf(text);
    if (middle === null) {
      const reason = 'nested too deep, or too large, for Postgres';
      await rejectText(source, revision, first, text, reason).execute(trx);
      return { ...noLines, rejected: 1 };
    }
    const [head, tail] = [text.subarray(0, middle), text.subarray(middle)];
    const one = await takePiece(head, first);
    const other = await takePiece(tail, first + head.filter((byte) => byte === newline).length);
    return addLines(one, other);
  };
}

/** What `work` answers; null, and nothing of it done, where Postgres gave up. */
async function trySaved<T>(trx: DatabaseTransaction, work: () => Promise<T>): Promise<T | null> {
  await sql`savepoint piece`.execute(trx);
  try {
    const done = await work();
    await sql`release savepoint piece`.execute(trx);
    return done;
  } catch (error) {
    if (!isBeyondPostgres(error)) throw error;
    await sql`rollback to savepoint piece`.execute(trx);
    await sql`release savepoint piece`.execute(trx);
    return null;
  }
}

/** Where a line begins, as near to the middle as there is one behind or before it; null for a single line. */
function middleOf(text: Buffer): number | null {
  const half = Math.floor(text.length / 2);
  const after = text.indexOf(newline, half) + 1;
  if (after > 0 && after < text.length) return after;
  const before = text.lastIndexOf(newline, half - 1) + 1;
  return before > 0 ? before : null;
}
