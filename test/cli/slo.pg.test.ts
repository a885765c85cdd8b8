import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readMonth } from '../../cli/slo/read-month.ts';
import { freshDatabase, type FreshDatabase } from '../setup/database.ts';
import { say } from './say.ts';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
}, 60_000);
afterEach(() => database.drop());

const JANUARY = new Date('2017-01-01T00:00:00Z');
const MINUTES = 31 * 24 * 60;

/** A month of minutes of a model: all good but some stretches, each from a minute of the month on. */
async function month(
  subject: string,
  {
    bad = [],
    unmeasured = 0,
    since = '2016-12-01T00:00:00Z',
  }: {
    readonly bad?: readonly (readonly [from: number, minutes: number])[];
    readonly unmeasured?: number;
    readonly since?: string;
  },
): Promise<void> {
  const { admin } = database;
  await sql`insert into control.objective_promise values ('freshness', ${subject}, 0.99, 4500, 60, ${since}, now())`.execute(
    admin,
  );
  const broken = bad.reduce((sum, [, minutes]) => sum + minutes, 0);
  const begins = Math.max(0, (Date.parse(since) - JANUARY.getTime()) / 60_000);
  await sql`insert into control.objective_hour
    values ('freshness', ${subject}, '2017-01-15 10:00Z', ${MINUTES - begins - broken - unmeasured}, ${broken})`.execute(
    admin,
  );
  for (const [from, minutes] of bad)
    await sql`insert into control.freshness_sample
      select ${subject}, ${JANUARY}::timestamptz + make_interval(mins => n), 5000, 4500, false, 'extract'
      from generate_series(${from}::int, ${from + minutes - 1}::int) as n`.execute(admin);
}

async function hours(good: number, bad: readonly number[]): Promise<void> {
  const { admin } = database;
  await sql`insert into control.objective_promise
    values ('availability', 'hourly', 0.99, 3600, 3600, '2016-12-01Z', now())`.execute(admin);
  await sql`insert into control.objective_hour values ('availability', 'hourly', '2017-01-15 10:00Z', ${good}, ${bad.length})`.execute(
    admin,
  );
  for (const hour of bad)
    await sql`insert into control.availability_slot (pipeline, slot_start, slot_end, due_at, is_good)
      select 'hourly', at, at + interval '1 hour', at + interval '2 hours', false
      from (select ${JANUARY}::timestamptz + make_interval(hours => ${hour}::int) as at) as slot`.execute(
      admin,
    );
}

const slo = (...args: string[]) => say(['slo', ...args], { DATABASE_URL: database.adminUrl });

test('prints a month by model and pipeline, and says with its exit code whether all was met', async () => {
  await month('stg_transactions', {
    bad: [
      [600, 12],
      [700, 40],
    ],
    unmeasured: 30,
  });
  await month('fct_daily_sales', { bad: [[0, 500]] });
  await hours(742, [5, 6]);
  const text = await slo('--month', '2017-01');
  expect(text).toMatchObject({ code: 2, err: '' });
  expect(text.out.split('\n')).toEqual([
    '2017-01',
    '',
    '  OBJECTIVE                TARGET  MET      LEFT        WORST STRETCH',
    '✗ fct_daily_sales 75 min   99 %    98.87 %  -54 min     8 h 20 min, 01 00:00',
    '✓ stg_transactions 75 min  99 %    99.81 %  6 h 4 min   40 min, 01 11:40',
    '    30 min were not measured, and count as not met',
    '✓ hourly within 1 h        99 %    99.73 %  5 h 26 min  2 h, 01 05:00',
    '',
    '1 of 3 objectives was missed: fct_daily_sales 75 min',
    '',
  ]);
  expect(text.out.split('\n').every((line) => line.length <= 80)).toBe(true);
});

test('a month without a miss ends with 0, one that nobody measured with 3, and no month at all too', async () => {
  await month('stg_transactions', {});
  expect(await slo('--month', '2017-01')).toMatchObject({
    code: 0,
    out: expect.stringContaining('all 1 objectives'),
  });
  expect(await slo('--month', '2016-06')).toMatchObject({
    code: 3,
    err: expect.stringContaining('Nothing was measured in 2016-06.'),
  });
  expect(await slo('--month', '2017-13')).toMatchObject({
    code: 3,
    err: expect.stringContaining('such as 2017-01'),
  });
});

test('as JSON, of an objective that began in the month only what came since', async () => {
  await month('stg_transactions', { since: '2017-01-31T00:00:00Z', bad: [[MINUTES - 1440, 3]] });
  const { code, out } = await slo('--month', '2017-01', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({
    month: '2017-01',
    until: '2017-02-01T00:00:00.000Z',
    objectives: [
      {
        kind: 'freshness',
        subject: 'stg_transactions',
        target: 0.99,
        objectiveSeconds: 4500,
        good: 1437,
        bad: 3,
        unmeasured: 0,
        met: 1437 / 1440,
        budgetLeftMinutes: expect.closeTo(443.4, 6),
        worst: { from: '2017-01-31T00:00:00Z', minutes: 3 },
      },
    ],
  });
});

test('this month counts until now', async () => {
  const { rows } = await sql<{ now: Date }>`select now()`.execute(database.admin);
  const { now } = rows[0]!;
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
  const since = new Date(now.getTime() - 10 * 60_000);
  await sql`insert into control.objective_promise
    values ('freshness', 'stg_transactions', 0.99, 4500, 60, ${since}, ${now})`.execute(database.admin);
  await sql`insert into control.objective_hour
    values ('freshness', 'stg_transactions', date_trunc('hour', ${now}::timestamptz, 'UTC'), 6, 1)`.execute(
    database.admin,
  );
  const { objectives, until } = await readMonth(database.admin, first);
  // Of a month that has just begun, less than the ten minutes.
  const minutes = Math.ceil((Date.parse(until) - Math.max(since.getTime(), first.getTime())) / 60_000);
  const met = expect.closeTo(6 / Math.max(7, minutes), 6);
  expect(objectives).toMatchObject([{ good: 6, bad: 1, unmeasured: Math.max(0, minutes - 7), met }]);
  expect(Date.parse(until)).toBeLessThanOrEqual(Date.now());
});
