import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { loaded, minute, sampler } from './clockwork.ts';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const [silver, gold] = ['stg_transactions', 'fct_daily_sales'];
const HOURLY = [
  'stg_transactions',
  'stg_inventory',
  'stg_pos_events',
  'fct_daily_sales',
  'inventory_realtime',
];
const DAILY = ['dim_stores', 'dim_stores_history', 'dim_products', 'dim_products_history'];

/** Everything is new at a moment, dimensions for days. */
async function fresh(at: number): Promise<void> {
  for (const model of HOURLY) await loaded(database.admin, { model, at });
  for (const model of DAILY) await loaded(database.admin, { model, at: at + 10_000, pipeline: 'daily' });
}

async function samples(model: string) {
  const { rows } = await sql<{ at: Date; age: number; good: boolean; station: string | null }>`
    select sampled_at as at, age_seconds as age, is_good as good, station from control.freshness_sample
    where model = ${model} order by sampled_at`.execute(database.admin);
  return rows;
}

it('keeps a sample a model and minute, once, and counts it by the hour', async () => {
  await fresh(0);
  const monitor = sampler(database);
  await monitor.at(75);
  await monitor.at(75.5);
  await monitor.at(76);
  expect(await samples(silver)).toEqual([
    { at: new Date(minute(75)), age: 75 * 60, good: true, station: null },
    { at: new Date(minute(76)), age: 76 * 60, good: false, station: 'nobody runs it' },
  ]);
  const { rows } =
    await sql`select hour, good, bad from control.objective_hour where subject = ${silver}`.execute(
      database.admin,
    );
  expect(rows).toEqual([{ hour: new Date(minute(60)), good: 1, bad: 1 }]);
});

it('a model that nothing was published of has its objective’s time to come, once its pipeline runs', async () => {
  const monitor = sampler(database);
  // Its schedules have not been applied: nothing is promised yet, and nobody is woken by it.
  expect(await monitor.through(0, 2)).toEqual([]);
  expect(await monitor.through(200, 204)).toEqual([]);
  await loaded(database.admin, { model: 'stg_inventory', at: 205 });
  await monitor.at(279);
  await monitor.at(281);
  expect((await samples(silver)).slice(-3).map(({ age, good }) => [age, good])).toEqual([
    [0, true],
    [74 * 60, true],
    [76 * 60, false],
  ]);
});

it('a model that grows old pages once, says where it is late, and ends by itself', async () => {
  await fresh(0);
  const monitor = sampler(database, { paused: true });
  await monitor.at(70);
  const raised = (await monitor.through(71, 90)).filter(({ subject }) => subject === silver);
  expect(raised).toHaveLength(1);
  expect(raised[0]).toMatchObject({
    kind: 'alarm',
    state: 'raised',
    alarm: 'freshness',
    severity: 'critical',
    owner: 'store-data',
    because: null,
    relation: silver,
    runbook: 'docs/runbooks/freshness.md#schedule-paused',
    details: {
      since: minute(76),
      objective: '1 h 15 min, 99 % of the time',
      late_station: 'schedule paused: the hourly pipeline has opened no load since 2017-01-30 00:00 UTC',
      what_to_press: expect.arrayContaining(['npm run weir -- schedules unpause hourly']),
      downstream: expect.arrayContaining(['fct_daily_sales', 'daily_sales_by_region']),
    },
  });
  expect(raised[0]?.summary).toMatch(
    /^stg_transactions is 1 h 18 min old, objective 1 h 15 min, since 2017-01-30 01:16 UTC\. Schedule paused: the hourly pipeline has .* The month’s budget is spent [\d.]+ times over$/,
  );
  await fresh(90);
  const ended = (await monitor.through(91, 130)).filter(({ subject }) => subject === silver);
  expect(ended).toMatchObject([
    { state: 'cleared', occasion: expect.not.stringMatching(raised[0]?.occasion ?? '') },
  ]);
});

it('what is built from a late model is explained by it', async () => {
  await fresh(0);
  const pages = await sampler(database).through(71, 82);
  expect(pages.map(({ subject, because }) => [subject, because])).toEqual([
    ['stg_inventory', null],
    ['stg_pos_events', null],
    [silver, null],
    [gold, `weir/test/${silver}/freshness`],
    ['inventory_realtime', 'weir/test/stg_inventory/freshness'],
  ]);
});

it('gives a page again until on-call was told, under one occasion', async () => {
  await fresh(0);
  const monitor = sampler(database);
  for (const at of [73, 74, 75, 76, 77]) await monitor.at(at);
  const [first, again] = [await monitor.at(78), await monitor.at(79)];
  expect(first.pages).toHaveLength(5);
  expect(again.pages.map(({ occasion }) => occasion)).toEqual(first.pages.map(({ occasion }) => occasion));
  expect((await monitor.at(80, again.pageIds)).pages).toEqual([]);
});

it('a page that is told of a model which is fresh by then says so, and what to look at', async () => {
  await fresh(0);
  const monitor = sampler(database);
  for (const at of [73, 74, 75, 76, 77, 78]) await monitor.at(at);
  await fresh(78);
  const { pages } = await monitor.at(79);
  expect(pages.find(({ subject }) => subject === silver)).toMatchObject({
    state: 'raised',
    summary: expect.stringContaining('It is fresh again, and must stay so.'),
    details: { what_to_press: ['npm run weir -- slo'] },
    runbook: 'docs/runbooks/freshness.md',
  });
});

it('an incident that explains it is named, and when it ends and the model stays old it is raised by itself', async () => {
  await fresh(0);
  const { admin } = database;
  const held = `weir/test/${silver}/transactions`;
  await sql`insert into control.lease (model, workflow_id, run_id, state) values (${silver}, 'w', 'r', 'held')`.execute(
    admin,
  );
  await sql`insert into control.incident (dedup_key, state, kind, model, workflow_id)
    values (${held}, 'open', 'gateHeld', ${silver}, 'w')`.execute(admin);
  const monitor = sampler(database);
  const explained = (await monitor.through(74, 85)).filter(({ subject }) => [silver, gold].includes(subject));
  expect(explained).toMatchObject([
    {
      subject: silver,
      because: held,
      details: { late_station: expect.stringContaining(`gate held: ${silver}`) },
    },
    { subject: gold, because: held, run: { workflowId: 'w' } },
  ]);
  // It has just ended: the rows still have to be published.
  await sql`update control.incident set state = 'resolved', resolved_at = now() where dedup_key = ${held}`.execute(
    admin,
  );
  expect((await monitor.through(86, 88)).filter(({ subject }) => subject === silver)).toEqual([]);
  await sql`update control.incident set resolved_at = now() - interval '6 minutes'`.execute(admin);
  expect((await monitor.through(89, 92)).filter(({ subject }) => subject === silver)).toMatchObject([
    { state: 'raised', because: null },
  ]);
});

it('minutes that nobody measured are told, and count as not met', async () => {
  const { admin } = database;
  const now = new Date(Math.floor(Date.now() / 60_000) * 60_000);
  const begun = new Date(now.getTime() - 100 * 60_000);
  await sql`insert into control.objective_promise (kind, subject, target, objective_seconds, unit_seconds, since, measured_to)
    values ('freshness', ${silver}, 0.99, 4500, 60, ${begun}, ${now})`.execute(admin);
  await sql`insert into control.objective_hour (kind, subject, hour, good, bad)
    values ('freshness', ${silver}, date_trunc('hour', ${begun}::timestamptz, 'UTC'), 50, 10)`.execute(admin);
  const [found] = (
    await sql<{ good: number; bad: number; unmeasured: number; met: number; left: number }>`
      select good, bad, unmeasured, met_30d as met, budget_left as left from control.objective`.execute(admin)
  ).rows;
  expect(found).toMatchObject({ good: 50, bad: 10, unmeasured: 40, met: 0.5 });
  // 50 of the 432 minutes that 99 % of 30 days leave.
  expect(found?.left).toBeCloseTo(1 - 50 / 432, 6);
});

it('shows a table, what burns first', async () => {
  await fresh(0);
  const monitor = sampler(database);
  await monitor.through(71, 80);
  const { lines } = await monitor.at(81);
  expect(lines.slice(0, 5)).toEqual([
    'Objectives at 2017-01-30 01:21 UTC',
    '',
    '| objective | age / promised | met / promised, 30 days | budget left | | which station is late |',
    '| --- | --- | --- | --- | --- | --- |',
    expect.stringMatching(
      /^\| stg_inventory \| 1 h 21 min \/ 1 h 15 min \| .* % \/ 99 % \| .* % \| \*\*burning\*\* \| nobody runs it: .* \|$/,
    ),
  ]);
  // Its pipeline has not run by then.
  expect(lines.at(-1)).toMatch(/^\| dim_\w+ \| 0 s \/ 1 d 2 h \|/);
});
