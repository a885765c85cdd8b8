import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/client';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AlarmPage } from '../../activities/page.ts';
import { until } from '../poll.ts';
import { failedWorkflowTasks, testTemporal, type TestTemporal } from '../setup/temporal.ts';

let temporal: TestTemporal;
let connection: NativeConnection;
const running: { readonly worker: Worker; readonly done: Promise<void> }[] = [];
beforeAll(async () => {
  temporal = await testTemporal();
  connection = await NativeConnection.connect({ address: temporal.address });
}, 60_000);
afterAll(async () => {
  const failed = await failedWorkflowTasks(temporal);
  for (const { worker } of running) worker.shutdown();
  await Promise.all(running.map(({ done }) => done));
  await connection.close();
  await temporal.close();
  if (failed.length > 0) throw new Error(`workflow tasks failed: ${failed.join('; ')}`);
}, 60_000);

async function serve(more: Partial<Parameters<typeof Worker.create>[0]>): Promise<void> {
  const { namespace, taskQueue } = temporal;
  const worker = await Worker.create({ connection, namespace, taskQueue, ...more });
  running.push({ worker, done: worker.run() });
}

test('that Postgres is away and that it answers again is told in that order, however long nobody serves the queue of pages', async () => {
  let looks = 0;
  await serve({
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: new URL('../../workflows/freshness-monitor.ts', import.meta.url).pathname,
      logger: { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error },
    }),
    activities: {
      // Fails for another reason, so that no round waits for the heartbeat.
      sample: () => Promise.reject(ApplicationFailure.nonRetryable('not measured')),
      watch: async () => {
        looks += 1;
        if (looks <= 4) throw ApplicationFailure.nonRetryable('ECONNREFUSED', 'DatabaseUnreachable');
        return { pages: [], pageIds: [], lines: [] };
      },
    },
  });
  const monitor = await temporal.client.workflow.start('freshnessMonitor', {
    taskQueue: temporal.taskQueue,
    workflowId: `freshness-monitor-${randomUUID()}`,
    args: [{ everyMs: 10, roundsPerRun: 6 }],
  });
  // It goes on as a new run while both pages wait.
  const again = temporal.client.workflow.getHandle(monitor.workflowId);
  await until(async () => (await again.describe()).runId !== monitor.firstExecutionRunId, {
    what: 'a new run',
    timeoutMs: 60_000,
  });

  const told: string[] = [];
  let attempts = 0;
  await serve({
    taskQueue: `${temporal.taskQueue}-page`,
    activities: {
      page: async ({ state }: AlarmPage) => {
        attempts += 1;
        if (attempts === 1) throw new Error('the first attempt is lost');
        told.push(state);
        return { incident: null };
      },
    },
  });
  await until(async () => told.includes('cleared'), { what: 'both are told', timeoutMs: 60_000 });
  expect(told).toEqual(['raised', 'cleared']);
  await again.terminate();
}, 180_000);
