import { randomUUID } from 'node:crypto';
import { ScheduleOverlapPolicy, type ScheduleHandle } from '@temporalio/client';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileSchedule } from '../../workers/schedules/options.ts';
import type { WeirSchedule } from '../../workers/schedules.ts';
import { intervalEnd, intervalStart } from '../../workflows/search-attributes.ts';
import { until } from '../poll.ts';
import { basket } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { setTrap } from '../setup/trap.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';

// What the Temporal UI sends from its Schedules page, on schedules as `weir schedules apply` makes them.
let weir: TestWeir;
let schedule: ScheduleHandle;
beforeEach(async () => {
  weir = await testWeir();
  await weir.loadDimensions();
});
afterEach(async () => {
  await schedule.delete();
  await weir.close();
});

const MODEL = 'stg_transactions';
const HOUR_MS = 3_600_000;
const { ALLOW_ALL, SKIP } = ScheduleOverlapPolicy;

/** An hourly schedule of the code's kind, under a name of its own; paused, so that only the page starts runs. */
async function makeSchedule(changes: Partial<WeirSchedule> = {}): Promise<void> {
  const hourly: WeirSchedule = {
    scheduleId: `page-${randomUUID()}`,
    workflowType: 'hourlyIncrementalLoad',
    note: 'A test’s.',
    minute: 5,
    ...changes,
  };
  const { options } = compileSchedule(hourly, weir.settings.taskQueue, 2016);
  const [input = {}] = options.action.args ?? [];
  const model = hourly.workflowType === 'hourlyIncrementalLoad' ? MODEL : 'dim_stores';
  schedule = await weir.temporal.client.schedule.create({
    ...options,
    action: { ...options.action, args: [{ ...Object(input), models: [model] }] },
    state: { paused: true },
  });
}

interface Slot {
  readonly slot: string | null;
  readonly start: string | null;
  readonly end: string | null;
  readonly inserted: number | null;
}

/** The loads, once the schedule has started so many runs in all and every one of them has completed. */
async function loads(count: number): Promise<readonly Slot[]> {
  const { recentActions } = await until(
    async () => {
      const { info } = await schedule.describe();
      return info.numActionsTaken === count ? info : null;
    },
    { what: `the schedule has started ${count} runs`, timeoutMs: 60_000 },
  );
  await Promise.all(
    recentActions.map(({ action }) =>
      weir.temporal.client.workflow.getHandle(action.workflow.workflowId).result(),
    ),
  );
  const { rows } = await sql<Slot>`
    select to_char(slot_end, 'YYYY-MM-DD HH24:MI') as slot, to_char(interval_start, 'YYYY-MM-DD HH24:MI') as start,
      to_char(interval_end, 'YYYY-MM-DD HH24:MI') as end, rows_inserted as inserted
    from control.load where model = ${MODEL} and state in ('published', 'empty') order by load_id`.execute(
    weir.database.admin,
  );
  return rows;
}

function backfill(start: string, end: string, overlap: ScheduleOverlapPolicy = ALLOW_ALL): Promise<void> {
  return schedule.backfill({ start: new Date(start), end: new Date(end), overlap });
}

async function taken(count: number): Promise<void> {
  await until(async () => (await schedule.describe()).info.numActionsTaken === count, {
    what: `the schedule has started ${count} runs`,
    timeoutMs: 60_000,
  });
}

/** A trigger's run is named by its second: two of one second are one. */
async function nextSecond(): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  await until(() => Math.floor(Date.now() / 1000) > now, { what: 'the next second' });
}

const byText = (one: unknown, other: unknown): number => String(one).localeCompare(String(other));

/** A row each hour of the morning. */
async function landMorning(): Promise<void> {
  const at = (hour: number) => `2017-01-02T0${hour}:15:00Z`;
  await weir.land(
    'transactions/morning.jsonl',
    [5, 6, 7, 8].map((hour) => basket(hour, { transaction_timestamp: at(hour) })),
  );
}

describe('trap 3: trigger and backfill drop no run', () => {
  it(
    'a backfill of four hours with the schedule’s own policy runs four, each of its own hour',
    { timeout: 300_000 },
    async () => {
      await makeSchedule();
      await landMorning();
      const { policies } = await schedule.describe();
      const FOUR = ['2017-01-02T06:00:00Z', '2017-01-02T09:30:00Z'] as const;
      await backfill(...FOUR, policies.overlap);
      const first = await loads(4);
      expect(first.map(({ slot, end }) => slot ?? end).toSorted(byText)).toEqual([
        '2017-01-02 06:00',
        '2017-01-02 07:00',
        '2017-01-02 08:00',
        '2017-01-02 09:00',
      ]);
      expect(first.reduce((sum, { inserted }) => sum + (inserted ?? 0), 0)).toBe(4);
      // Once more: every hour is published by now, so each run reads its own by event time.
      await sql`delete from silver.stg_transactions`.execute(weir.database.admin);
      await backfill(...FOUR, policies.overlap);
      const again = (await loads(8)).slice(4);
      expect(again.toSorted((one, other) => String(one.end).localeCompare(String(other.end)))).toEqual([
        { slot: null, start: '2017-01-02 05:00', end: '2017-01-02 06:00', inserted: 1 },
        { slot: null, start: '2017-01-02 06:00', end: '2017-01-02 07:00', inserted: 1 },
        { slot: null, start: '2017-01-02 07:00', end: '2017-01-02 08:00', inserted: 1 },
        { slot: null, start: '2017-01-02 08:00', end: '2017-01-02 09:00', inserted: 1 },
      ]);
      expect((await schedule.describe()).info.numActionsSkippedOverlap).toBe(0);
    },
  );

  it(
    'the schedule’s newest slot comes before the slots of a backfill that are published already',
    { timeout: 240_000 },
    async () => {
      await makeSchedule();
      await landMorning();
      const FOUR = ['2017-01-02T06:00:00Z', '2017-01-02T09:30:00Z'] as const;
      await backfill(...FOUR);
      await loads(4);
      const trap = await setTrap(weir, 'stage');
      await backfill(...FOUR);
      await trap.caught();
      await nextSecond();
      await schedule.trigger(ALLOW_ALL);
      await until(
        async () =>
          (await weir.database.admin
            .selectFrom('control.lease_wanted')
            .select('workflow_id')
            .executeTakeFirst()) ?? null,
        { what: 'the newest slot waits for what the backfill loads', timeoutMs: 30_000 },
      );
      await trap.open();
      const after = (await loads(9)).slice(4);
      expect(after).toHaveLength(5);
      // One had the model when it came; none after that before it.
      expect(after.findIndex(({ slot }) => slot !== null)).toBe(1);
      expect(await weir.database.admin.selectFrom('control.lease_wanted').selectAll().execute()).toEqual([]);
    },
  );

  it('a trigger starts beside an open run, and so does the first that is sent with SKIP', async () => {
    await makeSchedule();
    await weir.stopWorker(); // So that every run stays open.
    await schedule.trigger((await schedule.describe()).policies.overlap);
    await taken(1);
    await nextSecond();
    await schedule.trigger(ALLOW_ALL);
    await taken(2);
    await nextSecond();
    // The server follows no run under ALLOW_ALL, so SKIP finds none that it would overlap…
    await schedule.trigger(SKIP);
    await taken(3);
    // … but its own: what people choose by hand is dropped then, and counted, which weir schedules list shows.
    await backfill('2017-01-02T08:00:00Z', '2017-01-02T09:30:00Z', SKIP);
    await until(async () => (await schedule.describe()).info.numActionsSkippedOverlap === 2, {
      what: 'two are skipped',
      timeoutMs: 30_000,
    });
    await weir.startWorker();
    expect(await loads(3)).toHaveLength(3);
  });
});

describe('trap 4: a run’s slot is whole, whatever second and jitter', () => {
  it('a trigger is about the last whole hour', async () => {
    await makeSchedule();
    const [hour, later] = [Math.floor(Date.now() / HOUR_MS), () => Math.floor(Date.now() / HOUR_MS)];
    await schedule.trigger(ALLOW_ALL);
    const [load] = await loads(1);
    const hours = [hour, later()].map((one) => new Date(one * HOUR_MS).toISOString());
    expect(hours.map((one) => one.slice(0, 16).replace('T', ' '))).toContain(load?.slot);
  });

  it('a jitter beyond the end of the hour moves no slot, and with it added to the end none is lost', async () => {
    const jitterMs = 50 * 60_000;
    await makeSchedule({ minute: 55, jitterMs });
    await landMorning();
    await backfill(
      '2017-01-02T06:55:00Z',
      new Date(Date.parse('2017-01-02T08:55:00Z') + jitterMs).toISOString(),
    );
    const all = await loads(3);
    expect(all.map(({ slot, end }) => slot ?? end).toSorted(byText)).toEqual([
      '2017-01-02 06:00',
      '2017-01-02 07:00',
      '2017-01-02 08:00',
    ]);
    const { recentActions } = (await schedule.describe()).info;
    const { workflowId } = recentActions[0]?.action.workflow ?? { workflowId: '' };
    expect((await weir.temporal.client.workflow.getHandle(workflowId).describe()).memo).toEqual({ jitterMs });
  });

  it('a local day is that of its zone', async () => {
    const zoned = {
      timeZone: 'America/New_York',
      hour: 2,
      minute: 30,
      workflowType: 'dailyDimensionRefresh',
    };
    await makeSchedule({ ...zoned, scheduleId: `page-${randomUUID()}` });
    await backfill('2017-03-12T00:00:00Z', '2017-03-14T00:00:00Z');
    await until(async () => (await schedule.describe()).info.numActionsTaken === 2, {
      what: 'two days',
      timeoutMs: 60_000,
    });
    const { recentActions } = (await schedule.describe()).info;
    const days = await Promise.all(
      recentActions.map(async ({ action, scheduledAt }) => {
        const handle = weir.temporal.client.workflow.getHandle(action.workflow.workflowId);
        await handle.result();
        await keepHistory('scheduled-local-day', handle);
        const { typedSearchAttributes } = await handle.describe();
        return [
          scheduledAt,
          typedSearchAttributes.get(intervalStart),
          typedSearchAttributes.get(intervalEnd),
        ].map((at) => at?.toISOString());
      }),
    );
    // The clocks change on the 12th: 02:30 does not come, and that day has 23 hours.
    expect(days.toSorted(byText)).toEqual([
      ['2017-03-12T07:30:00.000Z', '2017-03-11T05:00:00.000Z', '2017-03-12T05:00:00.000Z'],
      ['2017-03-13T06:30:00.000Z', '2017-03-12T05:00:00.000Z', '2017-03-13T04:00:00.000Z'],
    ]);
    const { rows } = await sql<{ end: Date }>`
      select distinct slot_end as end from control.load where model = 'dim_stores' and slot_end is not null order by 1`.execute(
      weir.database.admin,
    );
    expect(rows.map(({ end }) => end.toISOString())).toEqual([
      '2017-03-12T05:00:00.000Z',
      '2017-03-13T04:00:00.000Z',
    ]);
  });
});
