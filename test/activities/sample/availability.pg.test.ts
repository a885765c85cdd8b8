import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { loaded, minute, sampler } from './clockwork.ts';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const HOURLY = [
  'stg_transactions',
  'stg_inventory',
  'stg_pos_events',
  'fct_daily_sales',
  'inventory_realtime',
];
const HOUR = 60;

/** The run of the slot that ends at an hour, which published its models so many minutes after its time. */
async function hour(at: number, took = 5, models: readonly string[] = HOURLY): Promise<void> {
  for (const model of models)
    await loaded(database.admin, {
      model,
      at: at * HOUR + 5,
      publishedAt: at * HOUR + 5 + took,
      slotEnd: at * HOUR,
    });
}

async function slots() {
  const { rows } = await sql<{ end: Date; good: boolean; late: readonly string[] }>`
    select slot_end as "end", is_good as good, late_models as late from control.availability_slot
    where pipeline = 'hourly' order by slot_end`.execute(database.admin);
  return rows;
}

const about = (pages: readonly { readonly alarm: string }[]) =>
  pages.filter(({ alarm }) => alarm === 'availability');

it('judges each interval once it is due, by what had been published by then', async () => {
  await hour(1);
  await hour(2, 60);
  await hour(3, 61);
  await hour(4, 5, HOURLY.slice(1));
  const monitor = sampler(database);
  await monitor.at(2 * HOUR + 4);
  expect(await slots()).toEqual([]);
  await monitor.at(2 * HOUR + 6);
  await monitor.at(2 * HOUR + 7);
  expect(await slots()).toHaveLength(1);
  await monitor.at(5 * HOUR + 6);
  await monitor.at(6 * HOUR + 6);
  expect(await slots()).toEqual([
    { end: new Date(minute(1 * HOUR)), good: true, late: [] },
    { end: new Date(minute(2 * HOUR)), good: true, late: [] },
    { end: new Date(minute(3 * HOUR)), good: false, late: [...HOURLY].sort() },
    { end: new Date(minute(4 * HOUR)), good: false, late: ['stg_transactions'] },
    // Nobody ran it.
    { end: new Date(minute(5 * HOUR)), good: false, late: [...HOURLY].sort() },
  ]);
});

it('an empty window is on time, a load by hand counts, a replay does not', async () => {
  await hour(1);
  for (const model of HOURLY)
    await loaded(database.admin, { model, at: 2 * HOUR + 5, slotEnd: 2 * HOUR, state: 'empty' });
  for (const model of HOURLY) await loaded(database.admin, { model, at: 3 * HOUR + 50 });
  for (const model of HOURLY) await loaded(database.admin, { model, at: 4 * HOUR + 50 });
  await sql`update control.load set read_window = '{"kind":"arrival","replayOf":1}' where opened_at = ${minute(4 * HOUR + 50)}`.execute(
    database.admin,
  );
  await sampler(database).at(5 * HOUR + 6);
  expect((await slots()).map(({ good }) => good)).toEqual([true, true, true, false]);
});

it('two of three late hours page once, and three good ones end it', async () => {
  await hour(1);
  await hour(2, 61);
  await hour(3, 61);
  for (const at of [4, 5, 6]) await hour(at);
  const monitor = sampler(database);
  const round = async (at: number) => about(await monitor.through(at * HOUR + 6, at * HOUR + 8));
  expect([...(await round(2)), ...(await round(3))]).toEqual([]);
  const raised = await round(4);
  expect(raised).toMatchObject([
    {
      state: 'raised',
      subject: 'hourly',
      severity: 'error',
      // Of the late models that with the loudest tier.
      owner: 'store-data',
      runbook: 'docs/runbooks/availability.md',
      details: { since: minute(2 * HOUR), late_models: [...HOURLY].sort() },
    },
  ]);
  expect([...(await round(5)), ...(await round(6))]).toEqual([]);
  expect(await round(7)).toMatchObject([{ state: 'cleared', subject: 'hourly' }]);
});

it('slots of long ago, filled from the Schedules page, begin nothing: nobody has been asked to be on time', async () => {
  const [past, now] = [-700 * HOUR, 2 * HOUR];
  for (const model of HOURLY) await loaded(database.admin, { model, at: now, slotEnd: past });
  const monitor = sampler(database);
  expect(about(await monitor.through(now + 1, now + 4))).toEqual([]);
  expect(await slots()).toEqual([]);
  await hour(4);
  await monitor.at(6 * HOUR);
  expect(await slots()).toEqual([{ end: new Date(minute(4 * HOUR)), good: true, late: [] }]);
});

it('a model counts from its first load on: what was due before it came was on time without it', async () => {
  await hour(1, 5, HOURLY.slice(1));
  await hour(2, 5, HOURLY.slice(1));
  await hour(3);
  await hour(4, 5, HOURLY.slice(1));
  await sampler(database).at(6 * HOUR);
  expect((await slots()).map(({ good }) => good)).toEqual([true, true, true, false]);
});

it('late hours of a pipeline whose run failed are told in that incident', async () => {
  await hour(1);
  await sql`insert into control.incident (dedup_key, state, kind, workflow_id)
    values ('weir/test/hourly/run', 'open', 'runFailed', 'w')`.execute(database.admin);
  const monitor = sampler(database);
  await monitor.at(3 * HOUR + 6);
  expect(about((await monitor.at(4 * HOUR + 6)).pages)).toMatchObject([{ because: 'weir/test/hourly/run' }]);
});

it('an outage of a month is caught up in steps, and counted', async () => {
  await hour(1);
  const monitor = sampler(database);
  await monitor.at(600 * HOUR);
  expect(await slots()).toHaveLength(500);
  await monitor.at(600 * HOUR + 1);
  expect(await slots()).toHaveLength(598);
  const { rows } = await sql<{ good: number; bad: number }>`
    select sum(good) as good, sum(bad) as bad from control.objective_hour where kind = 'availability'`.execute(
    database.admin,
  );
  expect(rows).toEqual([{ good: 1, bad: 597 }]);
});
