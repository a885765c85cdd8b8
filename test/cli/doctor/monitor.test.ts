import { expect, test } from 'vitest';
import { monitor, waitedMs } from '../../../cli/doctor/monitor.ts';
import type { Surroundings } from '../../../cli/doctor/check.ts';

const NOW = Date.parse('2017-01-02T09:05:00Z');
const seconds = (secondsAgo: number) => ({ seconds: BigInt(NOW / 1000 - secondsAgo) });

test('how long a workflow task has waited', () => {
  expect(waitedMs(null, NOW)).toBe(0);
  expect(waitedMs({ seconds: null }, NOW)).toBe(0);
  expect(waitedMs(seconds(90), NOW)).toBe(90_000);
});

/** The server's answer about a monitor whose task waits. */
function surroundings(scheduledAgo: number): Surroundings {
  const scheduled = { seconds: BigInt(Math.floor(Date.now() / 1000) - scheduledAgo) };
  const found = {
    status: { name: 'RUNNING' },
    taskQueue: 'weir',
    raw: { pendingWorkflowTask: { attempt: 1, originalScheduledTime: scheduled } },
  };
  const client = {
    withDeadline: async (_: number, ask: () => Promise<unknown>) => await ask(),
    workflow: { getHandle: () => ({ describe: async () => found }) },
  };
  // oxlint-disable-next-line typescript/consistent-type-assertions -- Of a client only what the check asks.
  return { temporal: { client }, taskQueue: 'weir' } as unknown as Surroundings;
}

test('a monitor that runs, and that no worker is there for, is watching nothing', async () => {
  expect(await monitor.run(surroundings(60))).toMatchObject([{ level: 'ok' }]);
  expect(await monitor.run(surroundings(185))).toMatchObject([
    { level: 'broken', found: 'nobody watches: the monitor has waited for a worker for 3 min' },
  ]);
});
