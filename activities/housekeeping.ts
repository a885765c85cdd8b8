import type { ChoreDeps, ChoreReport, Chore } from './housekeeping/chore.ts';
import { tidyBooks } from './housekeeping/books.ts';
import { dropLeftCandidates } from './housekeeping/candidates.ts';
import { freeLeases } from './housekeeping/leases.ts';
import { reportLongTransactions } from './housekeeping/long-transactions.ts';
import { dropOldImages } from './housekeeping/old-images.ts';
import { makePartitions } from './housekeeping/partitions.ts';
import { dropExpired } from './housekeeping/retention.ts';
import { gatherStatistics } from './housekeeping/statistics.ts';
import { withHeartbeat } from './heartbeat.ts';
import { withoutValues } from './postgres-error.ts';

export type { ChoreReport } from './housekeeping/chore.ts';

/** What is tidied up, by the names that `weir housekeeping --chores` takes. One file each, in `housekeeping/`. */
const chores = {
  partitions: makePartitions,
  retention: dropExpired,
  oldImages: dropOldImages,
  books: tidyBooks,
  leases: freeLeases,
  candidates: dropLeftCandidates,
  statistics: gatherStatistics,
  transactions: reportLongTransactions,
} as const satisfies Readonly<Record<string, Chore>>;

export type ChoreName = keyof typeof chores;

export interface HousekeepInput {
  readonly chore: ChoreName;
  /** Look, and change nothing. */
  readonly dryRun: boolean;
}

/** Makes the activity that does one chore. */
export function createHousekeep(deps: ChoreDeps) {
  return {
    /** @throws ApplicationFailure `InvalidModel` (not retryable) where the models do not add up; `PostgresError`. */
    housekeep: ({ chore, dryRun }: HousekeepInput): Promise<ChoreReport> =>
      withoutValues(`do the housekeeping of ${chore}`, () =>
        withHeartbeat((signal) => chores[chore]({ ...deps, dryRun, signal })),
      ),
  };
}
