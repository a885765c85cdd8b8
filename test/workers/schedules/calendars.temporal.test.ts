import { randomUUID } from 'node:crypto';
import type { ScheduleSpec } from '@temporalio/client';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { offsetsOf } from '../../../activities/local-time.ts';
import { namedTimes } from '../../../workers/schedules/named-times.ts';
import { compileSchedule } from '../../../workers/schedules/options.ts';
import { testTemporal, type TestTemporal } from '../../setup/temporal.ts';
import { clock, dates, localSchedule, ZONES } from './zones.ts';

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());

/** The times that the server itself finds in a schedule. It answers with 1,000 at most. */
async function serverTimes(spec: ScheduleSpec, from: string, to: string): Promise<number[]> {
  const { client, connection, namespace, taskQueue } = temporal;
  const scheduleId = `zone-${randomUUID()}`;
  const handle = await client.schedule.create({
    scheduleId,
    spec,
    action: { type: 'startWorkflow', workflowType: 'none', taskQueue },
    state: { paused: true },
  });
  const { startTime } = await connection.workflowService.listScheduleMatchingTimes({
    namespace,
    scheduleId,
    startTime: msToTs(Date.parse(from)),
    endTime: msToTs(Date.parse(to)),
  });
  await handle.delete();
  return startTime.map((time) => tsToMs(time));
}

describe.each(ZONES)('the server finds in a schedule of %s', (timeZone) => {
  it.each([
    ['2025-06-01', '2026-12-31', 2],
    ['2025-06-01', '2026-12-31', 1],
    // After the years that were worked out.
    ['2028-09-01', '2030-12-31', 3],
  ])('each local date once, %s to %s', async (from, to, hour) => {
    const schedule = localSchedule({ timeZone, hour });
    const { spec } = compileSchedule(schedule, temporal.taskQueue, 2025).options;
    const times = await serverTimes(spec, from, to);
    const shown = times.map((at) => clock(timeZone, at).slice(0, 10));
    const inner = dates(from, to).slice(1, -1);
    expect(shown).toEqual(expect.arrayContaining(inner));
    expect(new Set(shown).size).toBe(shown.length);
    if (to < '2028')
      expect(times).toEqual(namedTimes(schedule, offsetsOf(timeZone), Date.parse(from), Date.parse(to)));
  });
});

it('trap: Temporal’s own local times leave one out in spring and double one in autumn', async () => {
  const times = async (hour: number, from: string, to: string) => {
    const spec = { calendars: [{ hour, minute: 30 }], timezone: 'America/New_York' };
    return (await serverTimes(spec, from, to)).map((at) => clock('America/New_York', at));
  };
  expect(await times(2, '2026-03-07T00:00:00Z', '2026-03-10T00:00:00Z')).toEqual([
    '2026-03-07 02:30',
    '2026-03-09 02:30',
  ]);
  expect(await times(1, '2026-10-31T00:00:00Z', '2026-11-03T00:00:00Z')).toEqual([
    '2026-10-31 01:30',
    '2026-11-01 01:30',
    '2026-11-01 01:30',
    '2026-11-02 01:30',
  ]);
});
