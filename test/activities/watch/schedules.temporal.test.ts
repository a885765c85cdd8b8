import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Client } from '@temporalio/client';
import { applySchedules, type WeirSchedule } from '../../../workers/schedules.ts';
import { scheduleSights } from '../../../workers/schedules/sights.ts';
import { until } from '../../poll.ts';
import { withinOne } from '../../setup/within-one.ts';
import { watchSite, type WatchSite } from './site.ts';

const HOUR_MS = 3_600_000;

let site: WatchSite;
let schedules: readonly WeirSchedule[];
/** How far the watch's clock is ahead: nobody waits for an hour here. */
let aheadMs: number;
let made: { client: Client; ids: readonly string[] };

beforeEach(async () => {
  // What is due with its grace stays the same for as long as a test takes.
  await withinOne('hour', { offsetMs: 15 * 60_000 });
  aheadMs = 0;
  schedules = [];
  site = await watchSite({
    sights: ({ client, taskQueue }) =>
      scheduleSights(client, schedules, taskQueue, new Date(Date.now() + aheadMs)),
  });
  const { taskQueue, client } = site.temporal;
  schedules = [
    {
      scheduleId: `${taskQueue}-hourly`,
      workflowType: 'hourlyIncrementalLoad',
      minute: 5,
      note: 'each hour',
    },
    {
      scheduleId: `${taskQueue}-daily`,
      workflowType: 'dailyDimensionRefresh',
      minute: 30,
      // Half a day off: not due in the hours that the watch's clock is ahead.
      hour: (new Date().getUTCHours() + 12) % 24,
      note: 'each day',
    },
  ];
  made = { client, ids: schedules.map(({ scheduleId }) => scheduleId) };
});
afterEach(async () => {
  for (const id of made.ids)
    await made.client.schedule
      .getHandle(id)
      .delete()
      .catch(() => undefined);
  await site.close();
});

const apply = () =>
  applySchedules(site.temporal.client, { taskQueue: site.temporal.taskQueue, schedules, paused: false });

/** The last time that the hourly schedule names, ten minutes' grace considered, and the id of its run. */
function lastRun(): string {
  const until = Date.now() + aheadMs - 10 * 60_000;
  const last = Math.floor((until - 5 * 60_000) / HOUR_MS) * HOUR_MS + 5 * 60_000;
  return `${schedules[0]!.scheduleId}-${new Date(last).toISOString().slice(0, 19)}Z`;
}

test('a schedule that did not run is told once, and resolves when it does', async () => {
  await apply();
  // Nothing was due since it was made.
  expect(await site.rounds(2)).toEqual([]);
  aheadMs = 2 * HOUR_MS;
  const [told, ...more] = await site.rounds(3);
  expect(told).toMatchObject({
    state: 'raised',
    alarm: 'scheduleMissed',
    subject: schedules[0]!.scheduleId,
    severity: 'error',
    runbook: 'docs/runbooks/schedule-missed.md#no-run',
  });
  expect(told!.summary).toContain('did not run: no run has begun for');
  expect(more).toEqual([]);
  // What the server does at the next time.
  const { client, taskQueue } = site.temporal;
  await client.workflow.start('hourlyIncrementalLoad', {
    taskQueue,
    workflowId: lastRun(),
    startDelay: '1 hour',
  });
  expect(await site.rounds(3)).toMatchObject([{ state: 'cleared', subject: schedules[0]!.scheduleId }]);
});

test('a schedule that a person paused is no news; one that the server paused is', async () => {
  await apply();
  const handle = site.temporal.client.schedule.getHandle(schedules[0]!.scheduleId);
  const paused = async (note: string) => {
    await handle.pause(note);
    await until(async () => (await handle.describe()).state.note === note, {
      what: `the schedule is paused: ${note}`,
      timeoutMs: 60_000,
    });
  };
  await paused('the source is being moved');
  aheadMs = 2 * HOUR_MS;
  const { pages, lines } = await site.round();
  expect(pages).toEqual([]);
  expect(lines).toContain(`${schedules[0]!.scheduleId}: paused (the source is being moved)`);
  await handle.unpause('moved');
  await paused('paused due to workflow failure: hourly-2017: RunFailed');
  expect(await site.rounds(2)).toMatchObject([{ state: 'raised', subject: schedules[0]!.scheduleId }]);
  // Somebody takes it over.
  await handle.unpause('mended');
  await paused('not today');
  expect(await site.rounds(2)).toMatchObject([{ state: 'cleared' }]);
});

test('what was due while it was paused is not missed', async () => {
  await apply();
  const { scheduleId } = schedules[0]!;
  await site.round();
  aheadMs = 2 * HOUR_MS;
  const [known] = await site.database.admin
    .updateTable('control.watch_schedule')
    .set({ paused_at: new Date(Date.now() + aheadMs) })
    .where('schedule_id', '=', scheduleId)
    .execute();
  expect(known?.numUpdatedRows).toBe(1n);
  expect(await site.rounds(2)).toEqual([]);
});

test('schedules that nobody has applied are no news; one of several that is gone is, until it is back', async () => {
  expect(await site.rounds(2)).toEqual([]);
  await apply();
  await site.round();
  const { scheduleId } = schedules[1]!;
  await site.temporal.client.schedule.getHandle(scheduleId).delete();
  expect(await site.rounds(3)).toMatchObject([
    {
      state: 'raised',
      alarm: 'scheduleMissed',
      subject: scheduleId,
      runbook: 'docs/runbooks/schedule-missed.md#missing',
    },
  ]);
  await apply();
  expect(await site.rounds(3)).toMatchObject([{ state: 'cleared', subject: scheduleId }]);
});

test('a schedule that leaves the code is missed no more', async () => {
  await apply();
  await site.round();
  await site.temporal.client.schedule.getHandle(schedules[1]!.scheduleId).delete();
  expect(await site.rounds(2)).toMatchObject([{ state: 'raised' }]);
  schedules = schedules.slice(0, 1);
  expect(await site.rounds(2)).toMatchObject([{ state: 'cleared' }]);
});
