import { ScheduleOverlapPolicy } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LocalTemporal } from '../../infra/local/temporal.ts';
import { applySchedules, SCHEDULES } from '../../workers/schedules.ts';
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
