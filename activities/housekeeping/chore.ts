import type { Client } from '@temporalio/client';
import type { Databases } from '../databases.ts';
import type { RepositoryFolders } from '../repository.ts';

/** What a chore came to, in sentences that carry names and counts and never a value of a row. */
export interface ChoreReport {
  /** What it did; on a dry run what it would do. */
  readonly done: readonly string[];
  /** What it left as it is, and why. */
  readonly left: readonly string[];
  /** What somebody should look at. */
  readonly warnings: readonly string[];
}

export interface ChoreDeps {
  readonly databases: Databases;
  readonly folders: RepositoryFolders;
  readonly client: Client;
}

/** What a chore is handed. */
export interface ChoreCall extends ChoreDeps {
  /** Look, and change nothing. */
  readonly dryRun: boolean;
  /** Aborted when the activity is cancelled: stop before the next change. */
  readonly signal: AbortSignal;
}

/**
 * Something that is tidied up: one file of this folder. Each change is a transaction of its own and may be made twice, so
 * that a chore that was killed in the middle, or runs beside another or beside loads, does no harm.
 */
export type Chore = (call: ChoreCall) => Promise<ChoreReport>;

/** Rows that go in one transaction: it holds its locks for some tens of milliseconds. */
export const ROWS_AT_ONCE = 20_000;

/** `1 row`, `12,345 rows`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** Repeats a step that takes away at most `ROWS_AT_ONCE` rows until nothing is left. @returns rows taken away. */
export async function inBatches(signal: AbortSignal, step: () => Promise<number>): Promise<number> {
  for (let total = 0; ;) {
    signal.throwIfAborted();
    const rows = await step();
    total += rows;
    if (rows === 0) return total;
  }
}
