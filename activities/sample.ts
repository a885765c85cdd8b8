import type { Client } from '@temporalio/client';
import type { Databases } from './databases.ts';
import type { ScheduleBook } from './missed-slots.ts';
import type { AlarmPage } from './page/page-input.ts';
import { withoutValues } from './postgres-error.ts';
import { readValidGraph } from './published-model.ts';
import { whileReached } from './reach-database.ts';
import type { RepositoryFolders } from './repository.ts';
import { sampleRound } from './sample/round.ts';

/** What the monitor asks for, once a round. */
export interface SampleInput {
  /** The `pageIds` of earlier rounds whose pages on-call has been told; they are not given again. */
  readonly told?: readonly number[];
  /** The moment to look at, ISO 8601; for tests. Left out: now, by the database's clock. */
  readonly at?: string;
}

/** How promises about time stand, as one round found them. */
export interface SampleResult {
  /** What on-call is to be told, oldest first; given again every round until it was told. */
  readonly pages: readonly AlarmPage[];
  /** The number of each page, to say with the next round that it was told. */
  readonly pageIds: readonly number[];
  /** What the monitor's details show: a Markdown table of counts and names. */
  readonly lines: readonly string[];
}

export interface SampleDeps {
  readonly databases: Pick<Databases, 'loader'>;
  readonly folders: RepositoryFolders;
  readonly environment: string;
  /** Asked whether a schedule is paused, where nobody runs a pipeline whose models are late. */
  readonly client: Pick<Client, 'schedule'>;
  /** What schedules name; without it no interval is judged. */
  readonly schedules?: ScheduleBook;
}

/** Makes the activity that measures objectives once a minute, and finds which of them burn. */
export function createSample(deps: SampleDeps) {
  return {
    /**
     * @throws ApplicationFailure `InvalidModel` (not retryable) where the models do not add up; `DatabaseUnreachable` where
     *   Postgres does not answer; `PostgresError`.
     */
    sample: (input: SampleInput = {}): Promise<SampleResult> =>
      withoutValues('sample the objectives', () =>
        whileReached(deps.databases.loader, async () =>
          sampleRound(deps, await readValidGraph(deps.folders), input),
        ),
      ),
  };
}
