import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../poll.ts';
import { watchSite, type WatchSite } from './site.ts';

let site: WatchSite;
beforeAll(async () => {
  site = await watchSite({ pace: { confirmMs: 50_000, unpolledMs: 180_000 } });
});
afterAll(() => site.close());

/** As if the first look had been so long ago. */
const longAgo = (ms: number) =>
  site.database.admin
    .updateTable('control.watch_alarm')
    .set({ since: new Date(Date.now() - ms) })
    .execute();

const seen = () => site.database.admin.selectFrom('control.watch_alarm').selectAll().execute();

test('tasks that nobody takes are told after three minutes, and resolve when somebody does', async () => {
  const { client, namespace, taskQueue, address } = site.temporal;
  const queue = `${taskQueue}-gate`;
  expect((await site.round()).lines).toContain(`${queue}: nobody polls, 0 tasks wait`);
  expect(await seen()).toEqual([]);
  // A workflow's task waits there as well as an activity's would.
  await queueActivity({ queue });
  await until(
    async () => {
      await site.round();
      return (await seen()).length > 0;
    },
    { what: 'the waiting task is seen', timeoutMs: 60_000 },
  );
  await longAgo(170_000);
  expect((await site.round()).pages).toEqual([]);
  await longAgo(181_000);
  expect((await site.round()).pages).toMatchObject([
    {
      state: 'raised',
      alarm: 'tasksFailing',
      subject: queue,
      severity: 'critical',
      runbook: 'docs/runbooks/tasks-failing.md#nobody-takes-tasks',
      details: { tasks_waiting: 1 },
    },
  ]);
  expect(await site.rounds(2)).toEqual([]);

  const { NativeConnection, Worker } = await import('@temporalio/worker');
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: queue,
    activities: { gate: async () => 'gated' },
  });
  const done = worker.run();
  expect(await site.untilTold('somebody takes them')).toMatchObject([{ state: 'cleared', subject: queue }]);
  worker.shutdown();
  await done;
  await connection.close();
  expect(client).toBeDefined();
});

/** A workflow that asks for an activity on a queue. */
async function queueActivity({ queue }: { readonly queue: string }): Promise<void> {
  await site.startWorker('mended');
  await site.temporal.client.workflow.start('asksForGate', {
    taskQueue: site.temporal.taskQueue,
    workflowId: `asks-${randomUUID()}`,
    args: [queue],
  });
}
