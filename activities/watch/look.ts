import type { Client } from '@temporalio/client';
import type { Database } from '../databases.ts';

/** What every look is handed. */
export interface LookDeps {
  readonly db: Database;
  readonly client: Client;
  readonly environment: string;
  readonly taskQueue: string;
  readonly pace: WatchPace;
}

/** How patient the watch is; tests wait for less. */
export interface WatchPace {
  /** What is not well is told when it was so for so long, milliseconds: a look may fall into a restart. */
  readonly confirmMs: number;
  /** For so long nobody has to have polled a queue, milliseconds. A poll lasts a minute. */
  readonly unpolledMs: number;
}

/** The usual pace: monitored every minute, so that the second look confirms. */
export const WATCH_PACE: WatchPace = { confirmMs: 50_000, unpolledMs: 3 * 60_000 };

/** Calls to Temporal side by side. */
const AT_ONCE = 10;

/** Does the same with each, some side by side. */
export async function each<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE)
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(work))));
  return results;
}

/** A string of a list filter, which takes the escapes of JSON. @see https://docs.temporal.io/list-filter */
export function quoted(text: string): string {
  return JSON.stringify(text);
}
