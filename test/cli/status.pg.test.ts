import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readFreshness } from '../../activities/sample/freshness.ts';
import type { Database } from '../../activities/databases.ts';
import { readGraph } from '../../activities/repository.ts';
import { folders, openShop, runOf, type Shop } from '../activities/shop.ts';
import { sayHere } from './say-here.ts';
import { say } from './say.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
}, 120_000);
afterEach(async () => {
  await shop.database.drop();
});

const [silver, gold] = ['stg_transactions', 'fct_daily_sales'];

async function freshnessOf(model: string) {
  const { models } = await readFreshness(shop.admin, await readGraph(folders));
  return models.find((one) => one.model === model);
}

/** Puts a load of a model this long ago. */
async function ago(model: string, hours: number, loads = 'true', db: Database = shop.admin): Promise<void> {
  await sql`update control.load set opened_at = now() - ${hours} * interval '1 hour',
    published_at = now() - ${hours} * interval '1 hour' where model = ${model} and ${sql.raw(loads)}`.execute(
    db,
  );
}

test('a model is as old as the window of the last load that brought something', async () => {
  expect(await freshnessOf(silver)).toMatchObject({ state: 'stale', currentTo: null, met: null });
  await shop.land([{ id: 'a' }], { file: 'one' });
  await shop.load(silver, runOf('monday'));
  expect(await freshnessOf(silver)).toMatchObject({ state: 'fresh', objectiveSeconds: 4500, target: 0.99 });
  await ago(silver, 2);
  expect(await freshnessOf(silver)).toMatchObject({ state: 'stale', ageSeconds: expect.closeTo(7200, -2) });

  // Its source is silent: an empty window brings nothing.
  expect(await shop.load(silver, runOf('tuesday'))).toMatchObject({ state: 'empty' });
  expect(await freshnessOf(silver)).toMatchObject({ state: 'stale', ageSeconds: expect.closeTo(7200, -2) });
});

test('loads of a range, replays and rebuilds that find nothing new make nothing fresh', async () => {
  await shop.land([{ id: 'a' }], { file: 'one' });
  await shop.load(silver, runOf('monday'));
  await ago(silver, 2);
  const interval = { start: '2017-01-01T00:00:00.000Z', end: '2017-02-01T00:00:00.000Z' };
  await shop.load(silver, runOf('range'), { interval });
  await shop.load(silver, runOf('again'), { replay: 1 });
  await shop.load(silver, runOf('anew'), { rebuild: true });
  expect(await freshnessOf(silver)).toMatchObject({ state: 'stale', ageSeconds: expect.closeTo(7200, -2) });
  const states = await shop.admin.selectFrom('control.load').select('state').execute();
  expect(states.map(({ state }) => state)).toEqual(['published', 'published', 'published', 'published']);
});

test('a history is no younger than the table whose versions it keeps', async () => {
  for (const [model, hours] of [
    ['dim_stores', 30],
    ['dim_stores_history', 1],
  ] as const) {
    await shop.load(model, runOf(model));
    await ago(model, hours);
  }
  expect(await freshnessOf('dim_stores_history')).toMatchObject({
    state: 'stale',
    ageSeconds: expect.closeTo(30 * 3600, -2),
  });
});

test('the share of the time in which the objective was met', async () => {
  await shop.land([{ id: 'a' }], { file: 'one' });
  await shop.load(silver, runOf('monday'));
  await shop.land([{ id: 'b' }], { file: 'two' });
  await shop.load(silver, runOf('tuesday'));
  await ago(silver, 10, 'load_id = 1');
  await ago(silver, 5, 'load_id = 2');
  // Of ten hours, 75 minutes behind each of two loads.
  const found = await freshnessOf(silver);
  expect(found?.met).toBeCloseTo(0.25, 3);
});

test('says what burns and what is silent', async () => {
  await sql`insert into control.objective_promise
    values ('freshness', ${silver}, 0.99, 4500, 60, now() - interval '100 minutes', now())`.execute(
    shop.admin,
  );
  await sql`insert into control.objective_hour
    values ('freshness', ${silver}, date_trunc('hour', now(), 'UTC'), 0, 108)`.execute(shop.admin);
  await sql`insert into control.objective_alarm (alarm, subject, state, severity, since)
    values ('freshness', ${silver}, 'raised', 'critical', now() - interval '2 hours'),
      ('sourceSilent', 'raw_transactions', 'raised', 'error', now() - interval '1 hour'),
      ('freshness', ${gold}, 'cleared', 'critical', now())`.execute(shop.admin);
  const at = { DATABASE_URL: shop.database.adminUrl, TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const [text, json] = [await say(['status'], at), await sayHere(['status', '--json'], at)];
  expect(text.out).toMatch(
    /\nburning for 2 h.*: stg_transactions, 75 % of the month’s budget left\nsilent for 1 h.*: raw_transactions\n/,
  );
  expect(JSON.parse(json.out)).toMatchObject({
    burning: [
      { alarm: 'freshness', subject: silver, budgetLeft: expect.closeTo(0.75, 3) },
      { alarm: 'sourceSilent', subject: 'raw_transactions', budgetLeft: null },
    ],
  });
});

test('weir status without Temporal says what Postgres knows, and that it is not all', async () => {
  await shop.land([{ id: 'a' }], { file: 'one' });
  await shop.load(silver, runOf('monday'));
  await shop.load(gold, runOf('monday'));
  const at = { DATABASE_URL: shop.database.adminUrl, TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const [text, json, slip] = [
    await say(['status', '--pipeline', 'hourly'], at),
    await sayHere(['status', '--json'], at),
    await sayHere(['status', '--pipeline', 'hurly'], at),
  ];
  expect(text.code).toBe(3);
  expect(text.err).toContain('Temporal does not answer at 127.0.0.1:1');
  expect(text.out).toMatch(
    /✓ stg_transactions +(\d+ (min|s) )+\/ 1 h 15 min +published (\d+ (min|s) )+ago +pass\n/,
  );
  expect(text.out).toMatch(/! stg_inventory +nothing yet \/ 1 h 15 min +none\n/);
  expect(text.out).not.toContain('dim_stores');
  expect(text.out.split('\n').every((line) => line.length <= 80)).toBe(true);
  expect(JSON.parse(json.out)).toMatchObject({
    models: expect.arrayContaining([
      expect.objectContaining({
        model: silver,
        pipeline: 'hourly',
        state: 'fresh',
        lastLoad: expect.objectContaining({ loadId: 1, state: 'published', rows: 1 }),
        lastVerdict: expect.objectContaining({ outcome: 'pass' }),
      }),
    ]),
    held: [],
    nextRuns: null,
  });
  expect(slip).toMatchObject({ code: 3, err: expect.stringContaining('Did you mean `hourly`?') });
});
