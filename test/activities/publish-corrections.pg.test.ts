import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openShop, runOf } from './shop.ts';
import type { Shop } from './shop.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(async () => {
  await shop.database.drop();
});

const run = runOf('monday');
const [silver, gold] = ['stg_transactions', 'fct_daily_sales'];

async function loadBoth() {
  const first = await shop.load(silver, run);
  return [first, await shop.load(gold, run)] as const;
}

describe('versions', () => {
  test('an older one never replaces a newer one', async () => {
    await shop.land([{ id: 'a', amount: 2 }], { file: 'new', load: 900 });
    await shop.load(silver, run);
    await shop.land([{ id: 'a', amount: 1 }], { file: 'old', load: 800 });
    expect(await shop.load(silver, run)).toMatchObject({ updated: 0, unchanged: 1 });
    expect(await shop.silver()).toMatchObject([{ amount: 2 }]);
  });

  test('a replay of an older interval writes nothing', async () => {
    const at = '2017-01-10T12:00:00';
    await shop.land(
      [
        { id: 'a', amount: 1, at },
        { id: 'b', at },
      ],
      { file: 'one' },
    );
    await shop.load(silver, run);
    await shop.land([{ id: 'a', amount: 2, at: '2017-01-12T12:00:00' }], { file: 'two' });
    await shop.load(silver, run);
    const before = await rowsOf('silver.stg_transactions');
    const interval = { start: '2017-01-10T00:00:00Z', end: '2017-01-11T00:00:00Z' };
    expect(await shop.load(silver, run, { interval, asOf: '2017-02-01T00:00:00Z' })).toMatchObject({
      inserted: 0,
      updated: 0,
      unchanged: 2,
    });
    expect(await rowsOf('silver.stg_transactions')).toEqual(before);
  });

  test("the same row again in a later file is that file's", async () => {
    await shop.land([{ id: 'a', amount: 1 }], { file: 'one' });
    await shop.load(silver, run);
    await shop.land([{ id: 'a', amount: 1 }], { file: 'two' });
    await shop.load(silver, run);
    await shop.retract('one', 1);
    await shop.load(silver, run);
    expect(await shop.silver()).toHaveLength(1);
  });
});

describe('a file that came again with other content', () => {
  test('corrects, adds and takes away', async () => {
    await shop.land(
      [
        { id: 'a', amount: 1 },
        { id: 'b', amount: 2, store: 'STORE_00002' },
      ],
      { file: 'one' },
    );
    await loadBoth();
    await shop.retract('one', 1);
    await shop.land(
      [
        { id: 'a', amount: 5 },
        { id: 'c', amount: 3 },
      ],
      { file: 'one', revision: 2 },
    );
    const [corrected, days] = await loadBoth();
    expect(corrected).toMatchObject({ inserted: 1, updated: 1, deleted: 1 });
    expect(days).toMatchObject({ updated: 1, deleted: 1 });
    expect(await shop.silver()).toMatchObject([
      { id: 'a', amount: 5 },
      { id: 'c', amount: 3 },
    ]);
    expect(await shop.gold()).toMatchObject([{ store: 'STORE_00001', transactions: 2, sales: 8 }]);
  });

  test('leaves what another file says of a row that it no longer has', async () => {
    await shop.land([{ id: 'a', amount: 1 }], { file: 'early' });
    await shop.land([{ id: 'a', amount: 2 }], { file: 'late' });
    await shop.load(silver, run);
    expect(await shop.silver()).toMatchObject([{ amount: 2 }]);
    await shop.retract('late', 1);
    expect(await shop.load(silver, run)).toMatchObject({ state: 'published', updated: 1, deleted: 0 });
    expect(await shop.silver()).toMatchObject([{ amount: 1 }]);
  });

  test('before it was published is as if it never had been', async () => {
    await shop.land([{ id: 'bad' }], { file: 'one' });
    const held = await shop.openWindow(silver, run);
    await shop.stage({ loadId: held.loadId, run });
    await shop.admin.transaction().execute(async (trx) => {
      await shop.retract('one', 1, trx);
      await shop.land([{ id: 'good' }], { file: 'one', revision: 2 }, trx);
    });
    const { loadId } = await shop.openWindow(silver, run, { replaces: held.loadId });
    const { attempt, rowsRead } = await shop.stage({ loadId, run });
    expect(rowsRead).toBe(1);
    await shop.publish({ loadId, run, attempt });
    expect(await shop.silver()).toMatchObject([{ id: 'good' }]);
  });
});

describe('a daily fact', () => {
  test('is corrected by a row of any age, and only its day is written', async () => {
    await shop.land(
      [
        { id: 'a', at: '2016-12-01T10:00:00' },
        { id: 'b', at: '2017-01-30T10:00:00' },
      ],
      { file: 'one' },
    );
    await loadBoth();
    await shop.land([{ id: 'late', amount: 7, at: '2016-12-01T23:59:59' }], { file: 'two' });
    const [, days] = await loadBoth();
    expect(days).toMatchObject({ inserted: 0, updated: 1, deleted: 0 });
    expect(await shop.gold()).toMatchObject([
      { day: '2016-12-01', transactions: 2, sales: 17 },
      { day: '2017-01-30', transactions: 1 },
    ]);
  });

  test('is corrected on both sides by a row that moves from one store to another', async () => {
    await shop.land(
      [
        { id: 'a', store: 'STORE_00001' },
        { id: 'b', store: 'STORE_00001' },
      ],
      { file: 'one' },
    );
    await loadBoth();
    await shop.land([{ id: 'a', store: 'STORE_00002' }], { file: 'two' });
    await loadBoth();
    expect(await shop.gold()).toMatchObject([
      { store: 'STORE_00001', transactions: 1 },
      { store: 'STORE_00002', transactions: 1 },
    ]);
  });

  test('loses a key whose last row went away', async () => {
    await shop.land([{ id: 'a', store: 'STORE_00001' }], { file: 'one' });
    await loadBoth();
    await shop.land([{ id: 'a', store: 'STORE_00002' }], { file: 'two' });
    const [, days] = await loadBoth();
    expect(days).toMatchObject({ inserted: 1, deleted: 1 });
    expect(await shop.gold()).toMatchObject([{ store: 'STORE_00002' }]);
    expect(await rowsOf('changes.fct_daily_sales')).toHaveLength(1);
  });

  test('is not written where nothing changed but the time of the run', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    await loadBoth();
    const before = await rowsOf('gold.fct_daily_sales');
    await sql`update silver.stg_transactions set _xid = default`.execute(shop.admin);
    expect(await shop.load(gold, run, { asOf: '2017-02-05T00:00:00Z' })).toMatchObject({
      updated: 0,
      unchanged: 1,
    });
    expect(await rowsOf('gold.fct_daily_sales')).toEqual(before);
  });

  test('is corrected by a store that changed', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    await stores({ STORE_00001: 'WEST' });
    await loadBoth();
    await stores({ STORE_00001: 'EAST' });
    const opened = await shop.openWindow(gold, run);
    expect(opened.empty).toBe(false);
    await shop.load(gold, run);
    const { rows } = await sql`select region from gold.fct_daily_sales`.execute(shop.admin);
    expect(rows).toEqual([{ region: 'EAST' }]);
  });
});

describe('a full refresh', () => {
  test('makes the target exactly what the source says and writes only what differs', async () => {
    await stores({ A: 'WEST', B: 'WEST', C: 'WEST' });
    const before = await rowsOf('gold.dim_stores');
    expect(before).toHaveLength(3);
    expect(await stores({ A: 'WEST', B: 'EAST', D: 'WEST' })).toMatchObject({
      inserted: 1,
      updated: 1,
      unchanged: 1,
      deleted: 1,
    });
    const after = await rowsOf('gold.dim_stores');
    expect(after.filter((row) => before.includes(row))).toHaveLength(1);
    expect(await rowsOf('changes.dim_stores')).toHaveLength(2);
  });
});

/** Makes bronze.raw_stores say this, and publishes dim_stores. */
async function stores(regions: Readonly<Record<string, string>>) {
  await sql`delete from bronze.raw_stores`.execute(shop.admin);
  await sql`insert into bronze.raw_stores (store_id, region, _source, _revision, _load, _position, _record_hash)
    select key, value, 'stores', 1, 1, 1, md5(value)::uuid from jsonb_each_text(${JSON.stringify(regions)}::jsonb)`.execute(
    shop.admin,
  );
  return shop.load('dim_stores', run);
}

async function rowsOf(relation: string): Promise<readonly string[]> {
  const { rows } = await sql<{
    row: string;
  }>`select t::text as row from ${sql.table(relation)} as t order by 1`.execute(shop.admin);
  return rows.map(({ row }) => row);
}
