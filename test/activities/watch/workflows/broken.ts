// What test/activities/watch looks at: workflows of the shipped names, as a bad version of the code has them.
// oxlint-disable-next-line no-restricted-imports -- One that nobody has registered, on purpose.
import { defineSearchAttributeKey } from '@temporalio/common';
import { sleep, startChild, upsertSearchAttributes } from '@temporalio/workflow';

/** Goes through. */
export async function hourlyIncrementalLoad(): Promise<string> {
  return 'done';
}

/** Waits, as a load does that is held. */
export async function dailyDimensionRefresh(): Promise<void> {
  await sleep('1 hour');
}

/** Fails each of its tasks: what is no ApplicationFailure is taken for a bug that will be mended. */
export async function housekeeping(): Promise<void> {
  throw new Error('cannot read "4111 1111 1111 1111" of a row');
}

/** Has begun to wait by a timer, which the mended version does not know of. */
export async function minuteIncrementalLoad(): Promise<void> {
  await sleep('1 hour');
}

/** Asks for a search attribute that nobody has registered. */
export async function freshnessMonitor(): Promise<void> {
  upsertSearchAttributes([{ key: defineSearchAttributeKey('WeirNobodyKnows', 'KEYWORD'), value: 'x' }]);
  await sleep('1 hour');
}

/** Waits for its intervals. */
export async function backfill(): Promise<void> {
  await sleep('1 hour');
}

/** Keeps a child, as a backfill keeps its intervals; which goes on when it ends. */
export async function keepsChild(childId: string): Promise<void> {
  await startChild('dailyDimensionRefresh', { workflowId: childId, parentClosePolicy: 'ABANDON' });
  await sleep('1 hour');
}
