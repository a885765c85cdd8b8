import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { chore } from './housekeeping-shop.ts';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
}, 60_000);
afterEach(() => shop.database.drop());

async function left(): Promise<readonly (readonly [string, number])[]> {
  const { rows } = await sql<{ name: string; n: number }>`
    select 'sample' as name, count(*) as n from control.freshness_sample
    union all select 'slot', count(*) from control.availability_slot
    union all select 'hour', count(*) from control.objective_hour`.execute(shop.admin);
  return rows.map(({ name, n }) => [name, n]);
}

it('takes single samples and intervals after 35 days, and their hours after 400', async () => {
  await sql`insert into control.freshness_sample (model, sampled_at, age_seconds, objective_seconds, is_good)
    select 'm', now() - make_interval(days => n), 1, 1, true from generate_series(33, 37) as n`.execute(
    shop.admin,
  );
  await sql`insert into control.availability_slot (pipeline, slot_start, slot_end, due_at, is_good)
    select 'hourly', at, at, at, true from generate_series(34, 36) as n, lateral (select now() - make_interval(days => n) as at) as a`.execute(
    shop.admin,
  );
  await sql`insert into control.objective_hour
    select 'freshness', 'm', now() - make_interval(days => n), 1, 0 from generate_series(399, 401) as n`.execute(
    shop.admin,
  );
  expect((await chore(shop, 'books', true)).done).toEqual([
    'would take 3 samples of freshness',
    'would take 2 judged intervals',
    'would take 2 hours of objectives',
  ]);
  expect((await chore(shop, 'books')).done).toContain('took 3 samples of freshness');
  expect(await left()).toEqual([
    ['sample', 2],
    ['slot', 1],
    ['hour', 1],
  ]);
  expect((await chore(shop, 'books')).done).toEqual([]);
});
