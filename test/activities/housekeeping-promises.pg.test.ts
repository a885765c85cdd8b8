import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { chore } from './housekeeping-shop.ts';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
  await sql`insert into control.promise (model, gate, suite, key, place, type)
    select 'm', 'output', 's', 'key ' || n, n, 't' from generate_series(1, 2) as n`.execute(shop.admin);
}, 60_000);
afterEach(() => shop.database.drop());

/** A result of each promise so many days ago; the second one is made no more since 401 days. */
async function store(days: readonly number[]): Promise<void> {
  await sql`insert into control.promise_result (evaluation_id, evaluated_at, promise_id, outcome, severity, observed)
    select 1000 - days, now() - make_interval(days => days), p.promise_id, 'held', 'info', days
    from unnest(${[...days]}::int[]) as days, control.promise as p
    where p.place = 1 or days > 400`.execute(shop.admin);
}

async function left(): Promise<unknown> {
  const { rows } = await sql`
    select p.place, (select count(*) from control.promise_result as r where r.promise_id = p.promise_id) as results,
      (select count(*) from control.promise_span as s where s.promise_id = p.promise_id) as spans
    from control.promise as p order by p.place`.execute(shop.admin);
  return rows;
}

it('keeps what became of promises for 400 days, and then the promise itself where it is made no more', async () => {
  await store([500, 450, 402, 399, 300, 1, 0]);
  expect((await chore(shop, 'books', true)).done).toEqual([
    'would take 6 results of promises',
    'would take 6 spans of promises',
  ]);
  expect((await chore(shop, 'books')).done).toEqual([
    'took 6 results of promises',
    'took 6 spans of promises',
    'took 1 promise that is made no more',
  ]);
  expect(await left()).toEqual([{ place: 1, results: 4, spans: 4 }]);
  expect((await chore(shop, 'books')).done).toEqual([]);
});

it('takes nothing while all is young', async () => {
  await store([399, 10]);
  expect((await chore(shop, 'books')).done).toEqual(['took 1 promise that is made no more']);
  expect(await left()).toEqual([{ place: 1, results: 2, spans: 2 }]);
});
