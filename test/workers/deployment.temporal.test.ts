import { NativeConnection, Worker } from '@temporalio/worker';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../poll.ts';
import { AS_OF, baskets } from '../setup/baskets.ts';
import { mutatedBundle } from '../setup/mutated-workflows.ts';
import { quietWorkers } from '../setup/quiet-workers.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';

let weir: TestWeir;
afterEach(() => weir.close());

/** The queue that each activity of a run was scheduled on, in their order. */
async function queuesOf(run: Run): Promise<readonly (readonly [activity: string, queue: string])[]> {
  const { events } = await run.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: one }) =>
    one ? [[one.activityType?.name ?? '', one.taskQueue?.name ?? ''] as const] : [],
  );
}

describe('queues', () => {
  it('are apart for loads and gates, and what an earlier version scheduled beside the runs is still done', async () => {
    quietWorkers();
    weir = await testWeir({ worker: false });
    const { taskQueue } = weir.settings;
    await weir.startWorker();
    await weir.loadDimensions();
    await weir.stopWorker();
    await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 9));
    const earlier = await startEarlierVersion();
    const run = await weir.run('hourly', { asOf: AS_OF, models: ['stg_transactions'] });
    await until(async () => (await queuesOf(run)).length > 0, {
      what: 'the earlier version has planned',
      timeoutMs: 60_000,
    });
    await earlier.stop();
    await weir.startWorker();
    await run.result();
    const [first, ...rest] = await queuesOf(run);
    expect(first).toEqual(['plan', taskQueue]);
    expect(rest.length).toBeGreaterThan(4);
    for (const [activity, queue] of rest)
      expect([activity, queue]).toEqual([activity, `${taskQueue}-${activity === 'gate' ? 'gate' : 'load'}`]);
  });
});

/** Workflow tasks only, of a version that had one queue for all. */
async function startEarlierVersion(): Promise<{ stop(): Promise<void> }> {
  const code = await mutatedBundle({
    file: 'workflows/queues.ts',
    from: /return queue === .*;/,
    to: 'return queue === "page" ? `${taskQueue}-page` : taskQueue;',
  });
  const connection = await NativeConnection.connect({ address: weir.temporal.address });
  const worker = await Worker.create({
    connection,
    namespace: weir.temporal.namespace,
    taskQueue: weir.settings.taskQueue,
    workflowBundle: { code },
  });
  const done = worker.run();
  return {
    stop: async () => {
      worker.shutdown();
      await done;
      await connection.close();
    },
  };
}
