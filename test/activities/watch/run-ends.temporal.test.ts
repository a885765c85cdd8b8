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

const start = (type: string, options: object = {}) =>
  site.temporal.client.workflow.start(type, {
    taskQueue: site.temporal.taskQueue,
    workflowId: `${type}-${randomUUID()}`,
    ...options,
  });

/** Visibility tells of it. */
const isListed = (status: string, workflowId: string) =>
  until(
    async () => {
      const query = `WorkflowId = "${workflowId}" and ExecutionStatus = "${status}"`;
      return (await site.temporal.client.workflow.count(query)).count > 0;
    },
    { what: `${workflowId} is listed as ${status}`, timeoutMs: 60_000 },
  );

test('a run that somebody terminated is told once, with who and why, and resolves with the next that goes through', async () => {
  const run = await start('hourlyIncrementalLoad', {
    taskQueue: site.temporal.taskQueue,
    startDelay: '1 hour',
  });
  await run.terminate('the source is being moved, ask ann@example.com');
  const told = await site.untilTold('the terminated run');
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({
    kind: 'alarm',
    state: 'raised',
    alarm: 'runEnded',
    subject: 'hourly',
    severity: 'error',
    runbook: 'docs/runbooks/run-ended.md#load',
    run: { workflowId: run.workflowId, runId: run.firstExecutionRunId },
    details: { reason: 'the source is being moved, ask [e-mail]' },
  });
  expect(told[0]!.summary).toMatch(/was terminated by \S+/);
  expect(await site.rounds(3)).toEqual([]);

  const next = await start('hourlyIncrementalLoad');
  await next.result();
  const resolved = await site.untilTold('the next run');
  expect(resolved).toHaveLength(1);
  expect(resolved[0]).toMatchObject({ state: 'cleared', alarm: 'runEnded', subject: 'hourly' });
  expect(resolved[0]!.summary).toContain(next.workflowId);
  expect(await site.rounds(2)).toEqual([]);
});

test('a run that timed out is told as such', async () => {
  const run = await start('dailyDimensionRefresh', { workflowExecutionTimeout: '1 second' });
  await expect(run.result()).rejects.toThrow();
  const [told, ...more] = await site.untilTold('the run that timed out');
  expect(told).toMatchObject({ state: 'raised', subject: 'daily', occasion: run.firstExecutionRunId });
  expect(told!.summary).toContain('ran longer than it may');
  expect(more).toEqual([]);
});

test('a second one that ends is told of again, as another occasion, and what resolved it once resolves it once', async () => {
  const [one, two] = [await start('backfill', {}), await start('backfill', {})];
  await one.terminate('enough');
  const first = await site.untilTold('the first');
  await two.terminate('enough');
  const second = await site.untilTold('the second');
  expect([...first, ...second].map(({ occasion, state }) => [state, occasion])).toEqual([
    ['raised', one.firstExecutionRunId],
    ['raised', two.firstExecutionRunId],
  ]);
  // Nobody begins a backfill by a schedule: after a day it was on purpose.
  await site.database.admin
    .updateTable('control.watch_alarm')
    .set({ since: new Date(Date.now() - 25 * 3_600_000) })
    .where('subject', '=', 'backfill')
    .execute();
  const cleared = await site.untilTold('that nobody began it again');
  expect(cleared).toMatchObject([{ state: 'cleared', subject: 'backfill' }]);
});

test('a reset ends a run, and nobody is told; nor of one that was cancelled', async () => {
  const reset = await start('dailyDimensionRefresh');
  await until(
    async () =>
      ((await reset.fetchHistory()).events ?? []).some((event) => event.timerStartedEventAttributes),
    { what: 'the run waits', timeoutMs: 60_000 },
  );
  const { client, namespace } = site.temporal;
  await client.workflowService.resetWorkflowExecution({
    namespace,
    workflowExecution: { workflowId: reset.workflowId, runId: reset.firstExecutionRunId },
    workflowTaskFinishEventId: 4 as never,
    reason: 'a mended suite',
    requestId: randomUUID(),
  });
  const cancelled = await start('dailyDimensionRefresh');
  await cancelled.cancel();
  await expect(cancelled.result()).rejects.toThrow();
  await isListed('Terminated', reset.workflowId);
  await isListed('Canceled', cancelled.workflowId);
  const { pages, lines } = await site.round();
  expect(pages).toEqual([]);
  expect(lines).toContain(`daily: ${reset.workflowId} was terminated by a reset, and goes on`);
  // The run that carries on is one like any other.
  const goesOn = client.workflow.getHandle(reset.workflowId);
  const { runId } = await goesOn.describe();
  await goesOn.terminate('the test is over');
  expect(await site.untilTold('the run that carried on')).toMatchObject([
    { state: 'raised', occasion: runId },
  ]);
});

test('however long nobody watched, each is told once; what was not told is given again as the same', async () => {
  const run = await start('housekeeping', { startDelay: '1 hour' });
  await run.terminate('while nobody watched');
  await isListed('Terminated', run.workflowId);
  const { pages, pageIds } = await site.round({ tell: false });
  expect(pages).toMatchObject([{ subject: 'housekeeping', occasion: run.firstExecutionRunId }]);
  // The monitor ended before it told anybody; a later one asks.
  expect(await site.round()).toMatchObject({ pages, pageIds });
  await site.database.admin
    .updateTable('control.watch_mark')
    .set({ at: new Date(Date.now() - 40 * 86_400_000) })
    .where('what', '=', 'runEnded')
    .execute();
  expect(await site.rounds(2)).toEqual([]);
});

test('what ended wakes nobody when a later run has gone through already', async () => {
  const run = await start('hourlyIncrementalLoad', { startDelay: '1 hour' });
  await run.terminate('by mistake');
  const next = await start('hourlyIncrementalLoad');
  await next.result();
  await isListed('Terminated', run.workflowId);
  await isListed('Completed', next.workflowId);
  const { pages } = await site.round();
  expect(pages).toMatchObject([{ state: 'raised', subject: 'hourly', severity: 'warning' }]);
  expect(pages[0]!.summary).toContain(`(by mistake); ${next.workflowId} has gone through since`);
  expect(await site.rounds(2)).toEqual([]);
});

test('two looks at once tell a run once', async () => {
  const run = await start('minuteIncrementalLoad', { startDelay: '1 hour' });
  await run.terminate('twice looked at');
  await isListed('Terminated', run.workflowId);
  await Promise.all([1, 2, 3].map(() => site.round({ tell: false })));
  const { pages } = await site.round();
  expect(pages).toMatchObject([{ subject: 'minute', occasion: run.firstExecutionRunId }]);
});

test('runs that were ended together are one page', async () => {
  const runs = await Promise.all(
    [1, 2, 3].map(() => start('dailyDimensionRefresh', { startDelay: '1 hour' })),
  );
  for (const run of runs) await run.terminate('in a batch');
  for (const { workflowId } of runs) await isListed('Terminated', workflowId);
  const { pages } = await site.round();
  expect(pages).toMatchObject([
    { subject: 'daily', occasion: runs[2]!.firstExecutionRunId, details: { and_more_runs: 2 } },
  ]);
  expect(pages[0]!.summary).toContain('and 2 more of them');
  expect(await site.rounds(2)).toEqual([]);
});
