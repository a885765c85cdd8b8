import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { missedBefore, missedOf, type ScheduleBook } from '../../activities/missed-slots.ts';
import { createPlan } from '../../activities/plan.ts';
import type { ScheduledSlot } from '../../models/plan.ts';
import { namedSlots } from '../../workers/schedules/named-times.ts';
import type { WeirSchedule } from '../../workers/schedules/schedule.ts';
import { freshDatabase, type FreshDatabase } from '../setup/database.ts';
import { folders } from './shop.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await sql`truncate control.load cascade`.execute(database.admin);
  ran.clear();
  asked = 0;
});

const HOURLY: WeirSchedule = {
  scheduleId: 'hourly-incremental-load',
  workflowType: 'hourlyIncrementalLoad',
  minute: 5,
  note: '',
};

/** Workflow ids that the server knows. */
const ran = new Set<string>();
let asked = 0;
const book: ScheduleBook = {
  slots: (_, after, before) => {
    asked += 1;
    return namedSlots(HOURLY, after, before);
  },
  hasRun: async (workflowId) => ran.has(workflowId),
};

async function loaded(load: {
  readonly slotEnd?: string;
  readonly interval?: readonly [string, string];
  readonly state?: string;
  readonly pipeline?: string;
  /** Default: at the end of its slot. */
  readonly openedAt?: string;
}): Promise<void> {
  const [start = null, end = null] = load.interval ?? [];
  await sql`
    insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, system_identifier, timeline,
      interval_start, interval_end, slot_end, as_of, sql_hash, opened_at)
    values ('m', ${load.pipeline ?? 'hourly'}, 'w', 'r', ${load.state ?? 'published'}, '{}', '1', 1, ${start}, ${end},
      ${load.slotEnd ?? null}, now(), 'h', ${load.openedAt ?? load.slotEnd ?? end})`.execute(database.admin);
}

/** The slot of a run that was scheduled for five past an hour of the 2nd of January. */
function slotAt(hour: number, day = 2): ScheduledSlot {
  const at = (one: number) => new Date(Date.UTC(2017, 0, day, one)).toISOString();
  const scheduledAt = new Date(Date.UTC(2017, 0, day, hour, 5)).toISOString();
  return { start: at(hour - 1), end: at(hour), late: false, scheduledAt, scheduleId: HOURLY.scheduleId };
}

const missed = (hour: number, day?: number) =>
  missedBefore(database.databases.loader, book, { pipeline: 'hourly' }, slotAt(hour, day));

it('a run that follows the last slot asks nobody further', async () => {
  expect(await missed(9)).toBeNull();
  await loaded({ slotEnd: '2017-01-02T08:00:00Z' });
  expect(await missed(9)).toBeNull();
  expect(asked).toBe(0);
});

it('the slots between that nobody took are named, oldest first', async () => {
  await loaded({ slotEnd: '2017-01-02T08:00:00Z' });
  expect(await missed(12)).toEqual({
    missedSlots: ['2017-01-02T09:00:00.000Z', '2017-01-02T10:00:00.000Z', '2017-01-02T11:00:00.000Z'],
    missedSlotCount: 3,
  });
  // The next run of the same slot, a trigger, does not say it again.
  await loaded({ slotEnd: '2017-01-02T12:00:00Z' });
  expect(await missed(12)).toBeNull();
});

it('not those that were loaded by event time, triggered, or started and loaded nothing', async () => {
  await loaded({ slotEnd: '2017-01-02T04:00:00Z' });
  await loaded({ slotEnd: '2017-01-02T05:00:00Z', pipeline: 'daily' });
  await loaded({ interval: ['2017-01-02T05:00:00Z', '2017-01-02T07:00:00Z'] });
  await loaded({ interval: ['2017-01-02T07:00:00Z', '2017-01-02T08:00:00Z'], state: 'abandoned' });
  ran.add('hourly-incremental-load-2017-01-02T09:05:00Z');
  expect((await missed(10))?.missedSlots).toEqual(['2017-01-02T05:00:00.000Z', '2017-01-02T08:00:00.000Z']);
});

it('of many the last 48 are named, and all are counted', async () => {
  await loaded({ slotEnd: '2017-01-02T08:00:00Z' });
  const many = await missed(9, 9);
  expect(many?.missedSlotCount).toBe(7 * 24);
  expect(many?.missedSlots).toHaveLength(48);
  expect(many?.missedSlots.at(-1)).toBe('2017-01-09T08:00:00.000Z');
});

it('not what lies before anything was loaded: a slot of long ago may have been backfilled', async () => {
  await loaded({ slotEnd: '2017-01-01T08:00:00Z', openedAt: '2017-01-02T08:30:00Z' });
  expect((await missed(11))?.missedSlots).toEqual(['2017-01-02T09:00:00.000Z', '2017-01-02T10:00:00.000Z']);
});

it('slots that have one end are one, as where a local time does not come', async () => {
  const slots = namedSlots(HOURLY, new Date('2017-01-02T08:30:00Z'), new Date('2017-01-02T09:30:00Z'));
  const twice = slots.flatMap((slot) => [slot, { ...slot, workflowId: 'other' }]);
  const found = await missedOf(database.databases.loader, book, 'hourly', twice);
  expect(found).toEqual(slots);
});

it('the plan of a scheduled run tells them, and the day of its zone', async () => {
  await loaded({ slotEnd: '2017-01-02T08:00:00Z' });
  const { plan } = createPlan({
    databases: database.databases,
    environment: 'test',
    folders,
    schedules: book,
  });
  const models = ['stg_transactions'];
  expect(await plan({ pipeline: 'hourly', models, slot: slotAt(10) })).toMatchObject({
    missedSlots: ['2017-01-02T09:00:00.000Z'],
    missedSlotCount: 1,
  });
  const usual = await plan({ pipeline: 'hourly', models, slot: slotAt(9) });
  expect(usual).not.toHaveProperty('missedSlots');
  expect(usual).not.toHaveProperty('local');
  const local = { timeZone: 'America/New_York', asOf: '2017-03-13T06:30:00Z' };
  expect(await plan({ pipeline: 'daily', local })).toMatchObject({
    local: {
      interval: { start: '2017-03-12T05:00:00.000Z', end: '2017-03-13T04:00:00.000Z' },
      slot: null,
    },
  });
  await expect(
    plan({ pipeline: 'daily', local: { ...local, timeZone: 'Mars/Olympus' } }),
  ).rejects.toMatchObject({
    type: 'InvalidInput',
    message: expect.stringContaining('name one as the IANA database does'),
  });
});
