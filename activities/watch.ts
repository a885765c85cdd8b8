import type { Client } from '@temporalio/client';
import { redactText } from '../expectations/redact.ts';
import type { Database, Databases } from './databases.ts';
import type { AlarmPage } from './page/page-input.ts';
import { withoutValues } from './postgres-error.ts';
import { whileReached, WORK_MS } from './reach-database.ts';
import { takePages } from './watch/books.ts';
import { lookForFailingTasks } from './watch/failing-tasks.ts';
import { WATCH_PACE, type LookDeps, type WatchPace } from './watch/look.ts';
import { lookForMissedSchedules, type ScheduleSights } from './watch/missed-schedules.ts';
import { lookForRunEnds } from './watch/run-ends.ts';
import { lookForUnpolledQueues } from './watch/unpolled-queues.ts';

export type { WatchPace } from './watch/look.ts';
export type { ScheduleSight, ScheduleSights } from './watch/missed-schedules.ts';

/** What the monitor asks for, once a round. */
export interface WatchInput {
  /** The `pageIds` of earlier rounds whose pages on-call has been told; they are not given again. */
  readonly told?: readonly number[];
}

/** What fails without being able to say so, as one round found it. */
export interface WatchResult {
  /** What on-call is to be told, oldest first; given again every round until it was told. */
  readonly pages: readonly AlarmPage[];
  /** The number of each page, to say with the next round that it was told. */
  readonly pageIds: readonly number[];
  /** What the monitor's details show; counts and names. */
  readonly lines: readonly string[];
}

export interface WatchDeps {
  readonly databases: Databases;
  readonly client: Client;
  readonly environment: string;
  readonly taskQueue: string;
  /** What the server says of the schedules of the code; none are watched where left out. */
  readonly scheduleSights?: ScheduleSights;
  /** How patient it is; the usual where left out. */
  readonly watchPace?: WatchPace;
}

/** How long calls to Temporal of one look may take: a fraction of a second is usual, and all four have to end in time. */
const LOOK_MS = WORK_MS / 4 - 500;

/**
 * Makes the activity that looks for what fails without being able to say so. Its books are in Postgres: what one round
 * has seen is told once, however often the monitor, its worker or Temporal is started anew.
 */
export function createWatch(deps: WatchDeps) {
  const { databases, client, environment, taskQueue, watchPace: pace = WATCH_PACE } = deps;
  const db: Database = databases.loader;
  const look: LookDeps = { db, client, environment, taskQueue, pace };
  const looks: Readonly<Record<string, () => Promise<readonly string[]>>> = {
    'runs that ended': () => lookForRunEnds(look),
    'failing tasks': () => lookForFailingTasks(look),
    queues: () => lookForUnpolledQueues(look),
    schedules: async () =>
      deps.scheduleSights === undefined ? [] : lookForMissedSchedules(look, deps.scheduleSights),
  };
  return {
    /** @throws ApplicationFailure `DatabaseUnreachable` where Postgres does not answer; `PostgresError`. */
    watch: ({ told = [] }: WatchInput = {}): Promise<WatchResult> =>
      withoutValues('watch', () =>
        whileReached(db, async () => {
          const lines: string[] = [];
          for (const [what, one] of Object.entries(looks)) lines.push(...(await tried(client, what, one)));
          return { ...(await takePages(db, told)), lines: lines.map((line) => redactText(line)) };
        }),
      ),
  };
}

/** One look that fails stops none of the others; the next round looks again. */
async function tried(
  client: Client,
  what: string,
  look: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  try {
    return await client.withDeadline(Date.now() + LOOK_MS, () => withoutValues(`look for ${what}`, look));
  } catch (error) {
    return [
      `could not look for ${what}: ${error instanceof Error ? error.message.slice(0, 200) : 'unknown'}`,
    ];
  }
}
