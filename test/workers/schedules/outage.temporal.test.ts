import { ScheduleOverlapPolicy } from '@temporalio/client';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LocalTemporal } from '../../../infra/local/temporal.ts';
import { scheduledStartTime } from '../../../workflows/search-attributes.ts';
import { until } from '../../poll.ts';
import { ownTemporal } from '../../setup/temporal.ts';
import { testWeir, type TestWeir } from '../../setup/weir.ts';

let temporalServer: LocalTemporal;
let weir: TestWeir;
beforeEach(async () => {
  temporalServer = await ownTemporal();
  weir = await testWeir({ temporalServer });
  await weir.loadDimensions();
});
afterEach(async () => {
  await weir.close();
  await temporalServer.stop();
});

const EVERY_MS = 3000;

/** The times of the runs that a schedule has started. */
async function startedTimes(scheduleId: string): Promise<number[]> {
  const { client } = weir.temporal;
  const times: number[] = [];
  for await (const run of client.workflow.list({ query: `TemporalScheduledById = "${scheduleId}"` }))
    times.push(run.typedSearchAttributes.get(scheduledStartTime)?.getTime() ?? 0);
  return times.sort((one, other) => one - other);
}

it(
  'slots that were due while worker and server were down run each once, one load of a model at a time',
  { timeout: 240_000 },
  async () => {
    const { client, connection, namespace, taskQueue } = weir.temporal;
    const scheduleId = 'every-three-seconds';
    const schedule = await client.schedule.create({
      scheduleId,
      spec: { intervals: [{ every: EVERY_MS }] },
      action: {
        type: 'startWorkflow',
        workflowType: 'hourlyIncrementalLoad',
        taskQueue,
        args: [{ models: ['stg_transactions'] }],
      },
      policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow: '12 hours' },
    });
    await until(async () => (await startedTimes(scheduleId)).length >= 2, {
      what: 'it runs',
      timeoutMs: 60_000,
    });
    await weir.stopWorker();
    await temporalServer.stop();
    const [down, long] = [Date.now(), 4 * EVERY_MS];
    await until(() => Date.now() - down > long, { what: 'four slots were due', timeoutMs: 2 * long });
    const up = Date.now();
    await temporalServer.restart();
    await weir.startWorker();
    await until(async () => (await startedTimes(scheduleId)).some((time) => time > up), {
      what: 'it runs again',
      timeoutMs: 60_000,
    });
    await schedule.pause();
    const times = await until(
      async () => {
        const started = await startedTimes(scheduleId);
        return started.length === (await schedule.describe()).info.numActionsTaken ? started : null;
      },
      { what: 'the list of runs has all of them', timeoutMs: 60_000 },
    );
    const { startTime } = await connection.workflowService.listScheduleMatchingTimes({
      namespace,
      scheduleId,
      startTime: msToTs((times[0] ?? 0) - 1),
      endTime: msToTs(times.at(-1) ?? 0),
    });
    expect(times).toEqual(startTime.map((time) => tsToMs(time)));
    expect(times.filter((time) => time > down && time < up).length).toBeGreaterThanOrEqual(3);
    for await (const { workflowId } of client.workflow.list({
      query: `TemporalScheduledById = "${scheduleId}"`,
    }))
      await client.workflow.getHandle(workflowId).result();
    const { rows } = await sql<{ overlaps: number; loads: number }>`
      select count(*) as loads,
        count(*) filter (where exists (
          select from control.load as other
          where other.model = load.model and other.load_id < load.load_id and other.published_at > load.opened_at)) as overlaps
      from control.load as load where model = 'stg_transactions'`.execute(weir.database.admin);
    expect(rows).toEqual([{ loads: times.length, overlaps: 0 }]);
  },
);
