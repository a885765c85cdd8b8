// The next version of `broken.ts`.
import { condition, proxyActivities } from '@temporalio/workflow';

export { dailyDimensionRefresh, hourlyIncrementalLoad } from './broken.ts';

export async function housekeeping(): Promise<string> {
  return 'done';
}

export async function minuteIncrementalLoad(): Promise<void> {
  await condition(() => false);
}

/** Waits for an activity of a queue. */
export async function asksForGate(queue: string): Promise<void> {
  const { gate } = proxyActivities<{ gate(): Promise<string> }>({
    taskQueue: queue,
    startToCloseTimeout: '1 minute',
  });
  await gate.executeWithOptions({ summary: 'gate' }, []);
}
