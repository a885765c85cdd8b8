import type { Client } from '@temporalio/client';
import type { Databases } from './databases.ts';
import type { AlarmPage } from './page/page-input.ts';
import { withoutValues } from './postgres-error.ts';

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
}

/** Makes the activity that looks for what fails without being able to say so. */
export function createWatch(_deps: WatchDeps) {
  return {
    /** @throws ApplicationFailure `DatabaseUnreachable`; `PostgresError`. */
    watch: async (_input: WatchInput = {}): Promise<WatchResult> =>
      withoutValues('watch', async () => ({ pages: [], pageIds: [], lines: [] })),
  };
}
