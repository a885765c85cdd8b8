import {
  ApplicationFailure,
  isCancellation,
  log,
  proxyActivities,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ChoreName, ChoreReport } from '../activities/housekeeping.ts';
import type { Activities } from '../activities/index.ts';
import { housekeepingDetails, type ChoreOutcome } from './housekeeping-details.ts';
import { CHORES, readHousekeepingInput, type HousekeepingInput } from './housekeeping-input.ts';
import { messageOf } from './run-end.ts';
import * as attribute from './search-attributes.ts';
import { at, stations } from './stations.ts';
import { showDetails } from './redaction.ts';

/** What a housekeeping came to, by chore. */
export interface HousekeepingReport {
  readonly dryRun: boolean;
  readonly chores: Readonly<Record<string, ChoreOutcome>>;
}

const { housekeep } = proxyActivities<Activities>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '10 seconds',
  retry: {
    initialInterval: '1 second',
    maximumInterval: '1 minute',
    maximumAttempts: 5,
    nonRetryableErrorTypes: ['InvalidModel', 'InvalidInput'],
  },
});

/**
 * Every day: makes the next partitions of bronze, takes what has been kept for long enough, and tells of what stands in
 * the way. One chore after the other; one that fails stops none of the others.
 *
 * @throws ApplicationFailure `InvalidInput`; `HousekeepingFailed` at the end, naming the chores that failed, with the
 *   report as its details. On-call is paged then.
 */
export async function housekeeping(input?: HousekeepingInput): Promise<HousekeepingReport> {
  const { dryRun, chores } = readHousekeepingInput(input, CHORES);
  upsertSearchAttributes([{ key: attribute.pipeline, value: 'housekeeping' }]);
  const outcomes = new Map<string, ChoreOutcome>(chores.map((chore) => [chore, { state: 'waiting' }]));
  showDetails(housekeepingDetails(dryRun, outcomes));
  for (const chore of chores) {
    outcomes.set(chore, await doChore(chore, dryRun));
    showDetails(housekeepingDetails(dryRun, outcomes));
  }
  const report = { dryRun, chores: Object.fromEntries(outcomes) };
  const failed = [...outcomes].flatMap(([chore, { state, failure }]) =>
    state === 'failed' ? [`${chore}: ${failure}`] : [],
  );
  await tell(failed.join('; '), dryRun);
  if (failed.length === 0) return report;
  throw ApplicationFailure.nonRetryable(failed.join('; '), 'HousekeepingFailed', report);
}

async function doChore(chore: ChoreName, dryRun: boolean): Promise<ChoreOutcome> {
  const summary = `${dryRun ? 'look only: ' : ''}${CHORES[chore]}`;
  try {
    const report: ChoreReport = await housekeep.executeWithOptions(at('load', summary), [{ chore, dryRun }]);
    for (const warning of report.warnings) log.warn(warning, { chore });
    return { state: 'done', ...report };
  } catch (failure) {
    if (isCancellation(failure)) throw failure;
    return { state: 'failed', failure: messageOf(failure) };
  }
}

/** Opens or resolves the incident of a housekeeping that failed; who only looks opens none. */
async function tell(failure: string, dryRun: boolean): Promise<void> {
  if (dryRun) return;
  const { workflowId, runId } = workflowInfo();
  const about = { pipeline: 'housekeeping', run: { workflowId, runId } };
  if (failure !== '')
    await stations.page({ kind: 'runFailed', ...about, failure }, 'PAGE housekeeping failed');
  else
    await stations.page({ kind: 'runSucceeded', ...about }, 'resolve the incident of a failed housekeeping');
}
