import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../poll.ts';
import { watchSite, type WatchSite } from './site.ts';

let site: WatchSite;
beforeAll(async () => {
  site = await watchSite();
  await site.startWorker('broken');
});
afterAll(() => site.close());

const start = (type: string) =>
  site.temporal.client.workflow.start(type, {
    taskQueue: site.temporal.taskQueue,
    workflowId: `${type}-${randomUUID()}`,
    workflowTaskTimeout: '4 seconds',
  });

const attempt = async (workflowId: string): Promise<number> =>
  (await site.temporal.client.workflow.getHandle(workflowId).describe()).raw.pendingWorkflowTask?.attempt ??
  0;

/** Two things that are told, in whichever round visibility knows of each. */
async function both(): Promise<string[]> {
  const told: string[] = [];
  while (told.length < 2)
    for (const { state, subject, alarm } of await site.untilTold('the next'))
      told.push(`${state} ${subject}/${alarm}`);
  return told.sort();
}

test('a workflow whose task keeps failing is told once it was seen so twice, without values, and resolves when it goes on', async () => {
  const [wedged, second] = [await start('housekeeping'), await start('housekeeping')];
  const unknown = await start('freshnessMonitor');
  for (const { workflowId } of [wedged, second, unknown])
    await until(async () => (await attempt(workflowId)) >= 3, {
      what: `${workflowId} fails again`,
      timeoutMs: 60_000,
    });
  const told = (await site.round()).pages;
  expect(told.map(({ subject, alarm, state }) => `${state} ${subject}/${alarm}`).sort()).toEqual([
    'raised freshness-monitor/tasksFailing',
    'raised housekeeping/tasksFailing',
  ]);
  const housekeeping = told.find(({ subject }) => subject === 'housekeeping');
  expect(housekeeping).toMatchObject({
    severity: 'error',
    runbook: 'docs/runbooks/tasks-failing.md#workflow-tasks',
    details: { what_broke: 'unhandled failure: cannot read "…" of a row' },
  });
  expect(housekeeping!.summary).toContain('2 runs');
  const monitor = told.find(({ subject }) => subject === 'freshness-monitor');
  expect(monitor!.summary).toMatch(/bad search attributes: .*WeirNobodyKnows/);
  // One bad version is one incident: the later of them is explained by the first.
  const key = (subject: string) => `weir/${site.temporal.taskQueue}/${subject}/tasksFailing`;
  expect(told.map(({ because }) => because)).toEqual([null, key(told[0]!.subject)]);
  expect(await site.rounds(2)).toEqual([]);

  await site.stopWorker();
  await site.startWorker('mended');
  await Promise.all([wedged.result(), second.result()]);
  expect(await site.untilTold('that they go on')).toMatchObject([
    { state: 'cleared', alarm: 'tasksFailing', subject: 'housekeeping' },
  ]);
  await unknown.terminate('nobody knows the attribute');
  // It is at work no more, so nothing of it fails; its end is told beside.
  expect(await both()).toEqual([
    'cleared freshness-monitor/tasksFailing',
    'raised freshness-monitor/runEnded',
  ]);
});

test('code that does not replay is told as such', async () => {
  await site.stopWorker();
  await site.startWorker('broken');
  const run = await start('minuteIncrementalLoad');
  await until(
    async () =>
      ((await run.fetchHistory()).events ?? []).some((event) => event.workflowTaskCompletedEventAttributes),
    { what: 'its first task is done', timeoutMs: 60_000 },
  );
  await site.stopWorker();
  await site.startWorker('mended');
  await run.signal('go');
  const [told, ...more] = await site.untilTold('code that does not replay');
  expect(told).toMatchObject({ alarm: 'tasksFailing', subject: 'minute', state: 'raised' });
  expect(told!.summary).toMatch(/non-deterministic code/);
  expect(more).toEqual([]);
  await run.terminate('the test is over');
  expect(await both()).toEqual(['cleared minute/tasksFailing', 'raised minute/runEnded']);
});
