import { proxyActivities } from '@temporalio/workflow';

const { nothing } = proxyActivities<{ nothing(): Promise<void> }>({ startToCloseTimeout: '1 minute' });

/** Ten steps that do nothing, one after the other. */
export async function steps(): Promise<void> {
  for (let step = 0; step < 10; step += 1) await nothing();
}
