import { sql } from 'kysely';
import { afterAll, expect, it } from 'vitest';
import type { LocalTemporal } from '../../infra/local/temporal.ts';
import { applySchedules } from '../../workers/schedules.ts';
import { until } from '../poll.ts';
import { baskets } from '../setup/baskets.ts';
import { ownTemporal } from '../setup/temporal.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { inBrowser } from './in-browser.ts';
import { backfill, fillBackfill, openSchedule, pauseOrUnpause, trigger } from './schedule-page.ts';

const SCHEDULE = 'hourly-incremental-load';
const HOURS = ['08', '09', '10', '11'];

// Schedules have one name a namespace: on the server that tests share, two of them would meet.
let temporalServer: LocalTemporal | null = null;
afterAll(() => temporalServer?.stop());

async function weirWithSchedules(): Promise<TestWeir> {
  temporalServer ??= await ownTemporal();
  const weir = await testWeir({ temporalServer });
  await weir.loadDimensions();
  await applySchedules(weir.temporal.client, { taskQueue: weir.settings.taskQueue, paused: false });
  // At five past it would start a run that nobody here has asked for; a trigger and a backfill of then work as ever.
  await weir.temporal.client.schedule.getHandle(SCHEDULE).update((was) => ({
    ...was,
    spec: { ...was.spec, endAt: new Date('2018-01-01T00:00:00Z') },
  }));
  return weir;
}

/** The runs that the schedule has begun on this Weir's queue, once they have ended: their ids, in order. */
async function endedRuns({ temporal }: TestWeir, count: number): Promise<readonly string[]> {
  const query = `TemporalScheduledById = "${SCHEDULE}" and TaskQueue = "${temporal.taskQueue}"`;
  return until(
    async () => {
      const ids: string[] = [];
      for await (const { workflowId, status } of temporal.client.workflow.list({ query }))
        if (status.name === 'COMPLETED') ids.push(workflowId);
      return ids.length === count ? ids.toSorted() : null;
    },
    { what: `${count} runs of ${SCHEDULE} have ended`, timeoutMs: 60_000 },
  );
}

it(
  'a schedule is triggered, paused for a reason and unpaused on the Schedules page',
  inBrowser(async (page, weir) => {
    const schedule = weir.temporal.client.schedule.getHandle(SCHEDULE);
    await openSchedule(page, weir.temporal, SCHEDULE);
    await trigger(page);
    const [workflowId] = await endedRuns(weir, 1);
    await page.getByRole('link', { name: workflowId ?? '' }).waitFor();

    await pauseOrUnpause(page, 'Pause', 'the tills are being moved');
    await page.getByText('Paused', { exact: true }).waitFor();
    expect(await schedule.describe()).toMatchObject({
      state: { paused: true, note: 'the tills are being moved' },
    });
    await pauseOrUnpause(page, 'Unpause', 'the tills are back');
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    expect(await schedule.describe()).toMatchObject({ state: { paused: false } });
    expect((await schedule.describe()).info.numActionsTaken).toBe(1);
  }, weirWithSchedules),
);

it(
  'a backfill from the Schedules page, with its choices as they come, runs every hour of the range',
  inBrowser(async (page, weir) => {
    for (const [index, hour] of HOURS.entries())
      await weir.land(
        `transactions/2017-01-02T${hour}.jsonl`,
        baskets(2 * index + 1, 2 * index + 3, { transaction_timestamp: `2017-01-02T${hour}:15:00Z` }),
      );
    await openSchedule(page, weir.temporal, SCHEDULE);
    const dialog = await fillBackfill(page, { date: '01/02/17', from: '8', to: '12' });
    expect(await dialog.getByLabel('Use Policy').isChecked()).toBe(true);
    await backfill(dialog);
    const slots = HOURS.map((hour) => `${SCHEDULE}-2017-01-02T${hour}:05:00Z`);
    expect(await endedRuns(weir, HOURS.length)).toEqual(slots);
    await page.reload();
    for (const slot of slots) await page.getByRole('link', { name: slot }).waitFor();

    const { info } = await weir.temporal.client.schedule.getHandle(SCHEDULE).describe();
    expect(info).toMatchObject({ numActionsSkippedOverlap: 0, numActionsMissedCatchupWindow: 0 });
    const { rows } = await sql<{ rows: number; once: number }>`
      select count(*)::int as rows, count(distinct transaction_id)::int as once
      from silver.stg_transactions`.execute(weir.database.admin);
    expect(rows).toEqual([{ rows: 8, once: 8 }]);
  }, weirWithSchedules),
);
