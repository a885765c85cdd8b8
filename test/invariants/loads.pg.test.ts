import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../workers/databases.ts';
import { openShop, runOf } from '../activities/shop.ts';
import type { Shop } from '../activities/shop.ts';
import { seeded } from './random.ts';
import type { Random } from './random.ts';
import { writeUntil } from './writers.ts';
import type { Writes } from './writers.ts';

const millisecondsOfWriting = 5_000;
const writerCount = 6;

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(async () => {
  await shop.database.drop();
});

test.each([1, 2])(
  'silver and gold are what plain SQL computes over everything committed (seed %i)',
  async (seed) => {
    const writes: Writes = { committed: 0, rolledBack: 0, savepointsRolledBack: 0, stalled: 0, corrected: 0 };
    const faults: Faults = { published: 0, deserted: 0, publishedTwice: 0 };
    const writers = openDatabase(shop.database.adminUrl, 'test writers', writerCount);
    const end = Date.now() + millisecondsOfWriting;
    // A slow machine comes to each fault later.
    const seenAll = (): boolean => Object.values({ ...writes, ...faults }).every((times) => times > 0);
    const stopped = (): boolean =>
      Date.now() >= end && (seenAll() || Date.now() >= end + 4 * millisecondsOfWriting);
    try {
      await Promise.all([
        ...Array.from({ length: writerCount }, (_, index) =>
          writeUntil(stopped, shop, writers, seeded(seed * 100 + index), `w${index}`, writes),
        ),
        ...['left', 'right'].map((name, index) =>
          loadUntil(stopped, seeded(seed * 100 + 50 + index), `${name}-${seed}`, faults),
        ),
      ]);
    } finally {
      await writers.destroy();
    }
    for (const model of ['stg_transactions', 'fct_daily_sales'])
      await shop.load(model, runOf(`last-${seed}`));

    // A test that injected nothing shows nothing.
    for (const [what, times] of Object.entries({ ...writes, ...faults }))
      expect(times, what).toBeGreaterThan(0);
    expect(await differences('silver.stg_transactions', expectedSilver)).toEqual([]);
    expect(await differences('gold.fct_daily_sales', expectedGold)).toEqual([]);
  },
);

test('every committed row is read once, whatever commits when', async () => {
  const writers = openDatabase(shop.database.adminUrl, 'test writers', writerCount);
  const end = Date.now() + millisecondsOfWriting;
  let loaded = 0;
  // A slow machine comes to enough loads later.
  const stopped = (): boolean =>
    Date.now() >= end && (loaded > 20 || Date.now() >= end + 4 * millisecondsOfWriting);
  const load = async (name: string): Promise<void> => {
    for (let number = 0; !stopped(); number += 1) {
      await shop.load('stg_pos_events', runOf(`${name}-${number}`));
      loaded += 1;
    }
  };
  try {
    const writing = Array.from({ length: writerCount }, (_, index) =>
      moveUntil(stopped, writers, seeded(index), `w${index}`),
    );
    await Promise.all([...writing, load('left'), load('right')]);
  } finally {
    await writers.destroy();
  }
  await shop.load('stg_pos_events', runOf('last'));
  const { rows } = await sql<{ loads: number; read: number; committed: number; published: number }>`
    select (select count(*) from control.load where state = 'published') as loads,
      (select sum(rows_read)::bigint from control.load where state = 'published') as read,
      (select count(*) from bronze.raw_pos_events) as committed,
      (select count(*) from silver.stg_pos_events) as published`.execute(shop.admin);
  const [counts] = rows;
  expect(counts?.loads).toBeGreaterThan(10);
  expect(counts?.committed).toBeGreaterThan(100);
  expect(counts).toMatchObject({ read: counts?.committed, published: counts?.committed });
});

interface Faults {
  published: number;
  /** Runs that ended without a word: with a window open, or a candidate staged. */
  deserted: number;
  /** Loads that were published by two attempts at once. */
  publishedTwice: number;
}

/** Loads silver and gold run after run; some runs end in the middle of a load. */
async function loadUntil(
  stopped: () => boolean,
  random: Random,
  name: string,
  faults: Faults,
): Promise<void> {
  for (let number = 0; !stopped(); number += 1) {
    const run = runOf(`${name}-${number}`);
    for (const model of ['stg_transactions', 'fct_daily_sales']) {
      const { loadId, empty } = await shop.openWindow(model, run);
      if (random.chance(0.1)) {
        faults.deserted += 1;
        break;
      }
      const attempt = empty ? 0 : (await shop.stage({ loadId, run })).attempt;
      if (random.chance(0.1)) {
        faults.deserted += 1;
        break;
      }
      const input = { loadId, run, attempt };
      const attempts = random.chance(0.2) ? 2 : 1;
      const [one, other] = await Promise.all(Array.from({ length: attempts }, () => shop.publish(input)));
      faults.published += 1;
      if (other !== undefined) {
        expect(other).toEqual(one);
        faults.publishedTwice += 1;
      }
    }
    shop.end(run);
  }
}

/** Writes movements, each file in a transaction that may stall or roll back. */
async function moveUntil(
  stopped: () => boolean,
  db: ReturnType<typeof openDatabase>,
  random: Random,
  name: string,
): Promise<void> {
  for (let number = 0; !stopped(); number += 1) {
    const file = `${name}-${number}`;
    const rows = 1 + random.integer(5);
    const [stallSeconds, rollsBack] = [
      random.chance(0.4) ? random.integer(200) / 1000 : 0,
      random.chance(0.2),
    ];
    const transaction = await db.startTransaction().execute();
    await sql`savepoint before`.execute(transaction);
    await move(file, rows).execute(transaction);
    if (random.chance(0.2)) {
      await sql`rollback to savepoint before`.execute(transaction);
      await move(file, rows).execute(transaction);
    }
    await sql`select pg_sleep(${stallSeconds})`.execute(transaction);
    await (rollsBack ? transaction.rollback() : transaction.commit()).execute();
  }
}

function move(file: string, rows: number) {
  return sql`insert into bronze.raw_pos_events (store_id, sku, quantity_change, event_ts, _source, _revision, _load, _position, _record_hash)
    select 'STORE_00001', 'S1', -1, now() at time zone 'utc', ${file}, 1, 1, n, md5(${file} || n)::uuid from generate_series(1, ${rows}) as n`;
}

const expectedSilver = sql`
  select distinct on (transaction_id) transaction_id, store_id, transaction_timestamp, total_amount, _source, _revision, _load, _position
  from bronze.raw_transactions as b
  where transaction_id is not null
    and not exists (select from control.retraction as r where r.file = b._source and r.revision = b._revision)
  order by transaction_id, _revision desc, _load desc, _position desc`;

const expectedGold = sql`
  select transaction_timestamp::date as transaction_date, store_id, count(*) as transaction_count, sum(total_amount) as gross_sales
  from (${expectedSilver}) as silver group by 1, 2`;

/** Rows that only one of the two has, compared over the columns that plain SQL computes. */
async function differences(relation: string, expected: typeof expectedSilver): Promise<readonly unknown[]> {
  const columns = (await sql`select * from (${expected}) as e limit 1`.execute(shop.admin)).rows[0];
  const names = sql.join(Object.keys(columns ?? {}).map((column) => sql.ref(column)));
  const { rows } = await sql`
    with expected as (select ${names} from (${expected}) as e), found as (select ${names} from ${sql.table(relation)})
    select 'missing' as what, m::text from (select * from expected except select * from found) as m
    union all
    select 'wrong', w::text from (select * from found except select * from expected) as w`.execute(
    shop.admin,
  );
  return rows;
}
