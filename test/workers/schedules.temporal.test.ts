import { ScheduleOverlapPolicy } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LocalTemporal } from '../../infra/local/temporal.ts';
import {
  applySchedules,
  diffSchedules,
  SCHEDULES,
  schedulesOf,
  type WeirSchedule,
} from '../../workers/schedules.ts';
import { until } from '../poll.ts';
import { ownTemporal } from '../setup/temporal.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';

// Schedules have one name a namespace: on the server that tests share, two of them would meet.
let temporalServer: LocalTemporal;
let weir: TestWeir;
beforeAll(async () => {
  temporalServer = await ownTemporal();
  weir = await testWeir({ temporalServer });
});
afterAll(async () => {
  await weir.close();
  await temporalServer.stop();
});

const apply = () =>
  applySchedules(weir.temporal.client, { taskQueue: weir.settings.taskQueue, paused: true });

it('are made paused, run when they are triggered, and become again what the code says, paused or not', async () => {
  const { schedule } = weir.temporal.client;
  expect((await apply()).map(({ change }) => change)).toEqual(['created', 'created', 'created']);
  for (const { scheduleId, workflowType } of SCHEDULES) {
    const handle = schedule.getHandle(scheduleId);
    expect(await handle.describe()).toMatchObject({ state: { paused: true }, action: { workflowType } });
    await handle.trigger();
    const started = await until(async () => (await handle.describe()).info.recentActions[0]?.action, {
      what: `${scheduleId} has started a run`,
      timeoutMs: 60_000,
    });
    const { workflowId } = started.workflow;
    const result: unknown = await weir.temporal.client.workflow.getHandle(workflowId).result();
    expect(result).toHaveProperty(workflowType === 'housekeeping' ? 'chores' : 'models');
  }
  expect((await apply()).map(({ change }) => change)).toEqual(['unchanged', 'unchanged', 'unchanged']);

  const hourly = schedule.getHandle('hourly-incremental-load');
  await hourly.unpause();
  await hourly.update((previous) => ({
    ...previous,
    policies: { ...previous.policies, overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
  }));
  expect(await apply()).toMatchObject([
    {
      change: 'updated',
      drift: [
        'overlap: server has SKIP, code says ALLOW_ALL',
        'catch-up: server has 60 s, code says 43200 s',
      ],
    },
    { change: 'unchanged', drift: [] },
    { change: 'unchanged', drift: [] },
  ]);
  expect(await hourly.describe()).toMatchObject({
    state: { paused: false },
    policies: { overlap: 'ALLOW_ALL', catchupWindow: 43_200_000 },
  });
});

it('of local time are the same for years, and are to be renewed in the last that is worked out', async () => {
  const local: WeirSchedule = {
    scheduleId: 'berlin',
    workflowType: 'dailyDimensionRefresh',
    hour: 2,
    minute: 30,
    timeZone: 'Europe/Berlin',
    jitterMs: 60_000,
    note: 'Every day at 02:30 of Berlin.',
  };
  const { client } = weir.temporal;
  const order = (year: number, changes: Partial<WeirSchedule> = {}) => ({
    taskQueue: 'berlin',
    schedules: [{ ...local, ...changes }],
    now: new Date(`${year}-05-01T00:00:00Z`),
  });
  expect(await applySchedules(client, { ...order(2026), paused: true })).toMatchObject([
    { change: 'created' },
  ]);
  const found = await client.schedule.getHandle('berlin').describe();
  expect(found.action).toMatchObject({ args: [{ timeZone: 'Europe/Berlin' }], memo: { jitterMs: 60_000 } });
  for (const year of [2026, 2027])
    expect(await diffSchedules(client, order(year))).toEqual([
      { scheduleId: 'berlin', state: 'same', drift: [] },
    ]);
  const drift = [
    'local times: worked out until the end of 2028, and after it an hour off for half the year; to be renewed',
  ];
  expect(await diffSchedules(client, order(2028))).toEqual([
    { scheduleId: 'berlin', state: 'differs', drift },
  ]);
  expect(await diffSchedules(client, order(2027, { jitterMs: 30_000 }))).toMatchObject([
    {
      drift: [
        'jitter: server has 60 s, code says 30 s',
        'memo: server has {"jitterMs":60000}, code says {"jitterMs":30000}',
      ],
    },
  ]);
  const [hour] = await diffSchedules(client, order(2026, { hour: 3 }));
  expect(hour?.drift.join()).toMatch(
    /^times: server has .*; and \d+ more, code says .*hour 2 minute 30.*and \d+ more$/,
  );
  expect(await applySchedules(client, { ...order(2028), paused: true })).toEqual([
    { scheduleId: 'berlin', change: 'updated', drift },
  ]);
  expect(await diffSchedules(client, order(2029))).toMatchObject([{ state: 'same' }]);
});

it('of a minute is there where a model says so, and told as unneeded until it is paused where none does any more', async () => {
  const { client, taskQueue } = weir.temporal;
  const ofMinute = schedulesOf([{ kind: 'incremental', schedule: 'minute' }]);
  const usual = schedulesOf([
    { kind: 'incremental', schedule: 'hourly' },
    { kind: 'view', schedule: 'minute' },
  ]);
  const changes = await applySchedules(client, { taskQueue, schedules: ofMinute, paused: true });
  expect(changes.filter(({ change }) => change === 'created')).toEqual([
    { scheduleId: 'minute-incremental-load', change: 'created', drift: [] },
  ]);
  const minute = client.schedule.getHandle('minute-incremental-load');
  const { nextActionTimes } = (await minute.describe()).info;
  expect(nextActionTimes.length).toBeGreaterThan(2);
  const [first, second] = nextActionTimes.map((at) => at.getTime());
  expect([(second ?? 0) - (first ?? 0), (first ?? 0) % 60_000]).toEqual([60_000, 5000]);
  const differing = async () =>
    (await diffSchedules(client, { taskQueue, schedules: usual })).filter(({ state }) => state !== 'same');
  expect(await differing()).toEqual([]);
  await minute.unpause();
  expect(await differing()).toMatchObject([{ scheduleId: 'minute-incremental-load', state: 'unneeded' }]);
  expect(await applySchedules(client, { taskQueue, schedules: usual, paused: true })).toContainEqual({
    scheduleId: 'minute-incremental-load',
    change: 'unneeded',
    drift: [expect.stringContaining('weir schedules pause minute')],
  });
  await minute.delete();
});
