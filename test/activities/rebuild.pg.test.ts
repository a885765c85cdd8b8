import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openShop, runOf } from './shop.ts';
import type { Sale, Shop } from './shop.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(async () => {
  await shop.database.drop();
});

const [silver, gold] = ['stg_transactions', 'fct_daily_sales'];
const run = runOf('monday');

/** Rows that stand in silver as an earlier SELECT made them: one too much, one other than it would be now. */
async function loadOldShape(): Promise<void> {
  await shop.land(
    [
      { id: 'a', amount: 1 },
      { id: 'b', amount: 2 },
      { id: 'c', store: 'STORE_00002' },
    ],
    {
      file: 'one',
    },
  );
  await shop.load(silver, run);
  await shop.load(gold, run);
  await sql`update silver.stg_transactions set total_amount = 99 where transaction_id = 'b'`.execute(
    shop.admin,
  );
  await sql`
    insert into silver.stg_transactions (transaction_id, store_id, transaction_date, total_amount, _source, _revision, _load, _position)
    values ('old shape', 'STORE_00003', '2017-01-29', 5, 'one', 1, 1, 9)`.execute(shop.admin);
  await shop.load(gold, run);
}

async function watermark(): Promise<string> {
  const { rows } = await sql<{ snapshot: string }>`
    select snapshot::text from control.watermark where model = ${silver}`.execute(shop.admin);
  return rows[0]?.snapshot ?? '';
}

async function silverXids(): Promise<readonly { id: string; xid: string }[]> {
  const { rows } = await sql<{ id: string; xid: string }>`
    select transaction_id as id, _xid::text as xid from silver.stg_transactions order by 1`.execute(
    shop.admin,
  );
  return rows;
}

describe('a rebuild of a mapping model', () => {
  test('makes the target exactly what bronze makes, writes only what differs, and moves the watermark', async () => {
    await loadOldShape();
    const before = await silverXids();
    const stood = await watermark();
    await shop.land([{ id: 'd', amount: 4 }], { file: 'two' });
    expect(await shop.load(silver, run, { rebuild: true })).toMatchObject({
      state: 'published',
      inserted: 1,
      updated: 1,
      unchanged: 2,
      deleted: 1,
    });
    expect((await shop.silver()).map(({ id, amount }) => [id, amount])).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 10],
      ['d', 4],
    ]);
    const after = new Map((await silverXids()).map(({ id, xid }) => [id, xid]));
    expect(before.filter(({ id, xid }) => after.get(id) === xid).map(({ id }) => id)).toEqual(['a', 'c']);
    expect(await watermark()).not.toBe(stood);
    expect(await shop.load(silver, run)).toMatchObject({ state: 'empty' });

    // What was changed and taken away is followed downstream by its old images.
    await shop.load(gold, run);
    expect(await shop.gold()).toEqual([
      { day: '2017-01-30', store: 'STORE_00001', transactions: 3, sales: 7 },
      { day: '2017-01-30', store: 'STORE_00002', transactions: 1, sales: 10 },
    ]);
  });

  test('given up leaves everything as it was, and a stale one is refused', async () => {
    await loadOldShape();
    const stood = await watermark();
    const rows = await silverXids();
    const { loadId } = await shop.openWindow(silver, run, { rebuild: true });
    const { attempt } = await shop.stage({ loadId, run });
    // Another load publishes meanwhile: by a run that has taken the lease.
    await sql`delete from control.lease`.execute(shop.admin);
    await shop.land([{ id: 'd' }], { file: 'two' });
    const other = runOf('tuesday');
    await shop.load(silver, other);
    expect(await watermark()).not.toBe(stood);
    await sql`insert into control.lease (model, workflow_id, run_id, state) values (${silver}, 'monday', 'monday-first', 'running')`.execute(
      shop.admin,
    );
    await sql`update control.load set state = 'staged' where load_id = ${loadId}`.execute(shop.admin);
    // Its target has been published since, so it is to be staged anew; its window is that of an older watermark, so not even that helps.
    expect(await shop.publish({ loadId, run, attempt })).toMatchObject({ state: 'stale' });
    const again = await shop.stage({ loadId, run });
    await expect(shop.publish({ loadId, run, attempt: again.attempt })).rejects.toMatchObject({
      type: 'StaleAttempt',
    });
    expect((await silverXids()).length).toBe(rows.length + 1);
  });

  test('takes back what was retracted, and keeps the place of what retention has taken', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    await shop.land([{ id: 'b' }], { file: 'two' });
    await shop.land([{ id: 'c', amount: 3 }], { file: 'three' });
    await shop.load(silver, run);
    await sql`delete from bronze.raw_transactions where _source = 'two'`.execute(shop.admin);
    await sql`
      insert into control.dropped_partition (relation, partition, rows, min_xid, max_xid)
      values ('raw_transactions', 'raw_transactions_p', 1, '3', '3')`.execute(shop.admin);
    await shop.retract('one', 1);
    await sql`update bronze.raw_transactions set store_id = null where _source = 'three'`.execute(shop.admin);
    expect(await shop.load(silver, run, { rebuild: true })).toMatchObject({ deleted: 2 });
    expect((await shop.silver()).map(({ id }) => id)).toEqual(['b']);
  });

  test('needs no watermark of this database, and puts one in its place', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    await shop.load(silver, run);
    await sql`update control.watermark set system_identifier = '1'`.execute(shop.admin);
    await expect(shop.load(silver, run)).rejects.toMatchObject({ type: 'WatermarkForeign' });
    await shop.load(silver, run, { rebuild: true });
    expect(await shop.load(silver, run)).toMatchObject({ state: 'empty' });
  });
});

describe('a rebuild of a model that recomputes keys', () => {
  test('recomputes every key there is, and takes away those that nothing makes', async () => {
    await loadOldShape();
    await sql`delete from silver.stg_transactions where transaction_id = 'old shape'`.execute(shop.admin);
    await sql`update gold.fct_daily_sales set gross_sales = 0`.execute(shop.admin);
    await sql`delete from changes.stg_transactions`.execute(shop.admin);
    const rebuilt = await shop.load(gold, run, { rebuild: true });
    expect(rebuilt).toMatchObject({ inserted: 0, updated: 2, deleted: 1 });
    expect(await shop.gold()).toEqual([
      { day: '2017-01-30', store: 'STORE_00001', transactions: 2, sales: 100 },
      { day: '2017-01-30', store: 'STORE_00002', transactions: 1, sales: 10 },
    ]);
  });
});

test('a model that is not incremental is not rebuilt', async () => {
  await expect(shop.load('dim_stores', run, { rebuild: true })).rejects.toThrow(
    'dim_stores is full_refresh, so every run makes it anew',
  );
});

describe('a replay', () => {
  const some: readonly Sale[] = [{ id: 'a' }, { id: 'b' }];

  async function firstLoad(): Promise<number> {
    await shop.land(some, { file: 'one' });
    const { loadId } = await shop.openWindow(silver, run);
    const { attempt } = await shop.stage({ loadId, run });
    await shop.publish({ loadId, run, attempt });
    return loadId;
  }

  test('reads the same rows again, writes what differs, and moves no watermark', async () => {
    const first = await firstLoad();
    await shop.land([{ id: 'b', amount: 20 }, { id: 'c' }], { file: 'two' });
    await shop.load(silver, run);
    const stood = await watermark();
    await sql`delete from silver.stg_transactions where transaction_id = 'a'`.execute(shop.admin);
    const { loadId } = await shop.openWindow(silver, run, { replay: first });
    expect((await shop.ledger(loadId)).window).toMatchObject({ kind: 'arrival', replayOf: first });
    const { attempt, rowsRead } = await shop.stage({ loadId, run });
    expect(rowsRead).toBe(2);
    expect(await shop.publish({ loadId, run, attempt })).toMatchObject({
      inserted: 1,
      updated: 0,
      unchanged: 1,
    });
    // The later version of b stands.
    expect(await shop.silver()).toMatchObject([{ id: 'a' }, { id: 'b', amount: 20 }, { id: 'c' }]);
    expect(await watermark()).toBe(stood);
  });

  test('of a model that recomputes keys computes the same keys', async () => {
    await firstLoad();
    const { loadId: computed } = await shop.openWindow(gold, run);
    const before = await shop.stage({ loadId: computed, run });
    await shop.publish({ loadId: computed, run, attempt: before.attempt });
    await shop.land([{ id: 'x', store: 'STORE_00009' }], { file: 'two' });
    await shop.load(silver, run);
    await shop.load(gold, run);
    await sql`update gold.fct_daily_sales set gross_sales = 0`.execute(shop.admin);
    const { loadId } = await shop.openWindow(gold, run, { replay: computed });
    const { attempt, keysTouched } = await shop.stage({ loadId, run });
    expect(keysTouched).toBe(before.keysTouched);
    await shop.publish({ loadId, run, attempt });
    expect((await shop.gold()).map(({ store, sales }) => [store, sales])).toEqual([
      ['STORE_00001', 20],
      ['STORE_00009', 0],
    ]);
  });

  test('says how much of the window is there, and why not all', async () => {
    const first = await firstLoad();
    await shop.land([{ id: 'c' }, { id: 'd' }], { file: 'two' });
    await shop.load(silver, run);
    const whole = await shop.openWindow(silver, run, { replay: first });
    expect(whole.remarks).toEqual(['reads the 2 rows of load 1 again', 'what it joins is read as of now']);
    await shop.retract('one', 1);
    await shop.release({ model: silver, run, outcome: 'abandoned' });
    const retracted = await shop.openWindow(silver, run, { replay: first });
    expect(retracted.remarks?.[0]).toBe('reads 0 of the 2 rows of load 1 again: 2 in files that came again');
    await shop.release({ model: silver, run, outcome: 'abandoned' });
    await sql`delete from bronze.raw_transactions`.execute(shop.admin);
    await sql`
      insert into control.dropped_partition (relation, partition, rows, min_xid, max_xid)
      select 'raw_transactions', 'p', 4, '3', pg_current_xact_id()`.execute(shop.admin);
    const dropped = await shop.openWindow(silver, run, { replay: first + 1 });
    expect(dropped.remarks?.[0]).toBe(
      'reads 0 of the 2 rows of load 2 again: 4 of those days taken by retention',
    );
  });

  test.each([
    [
      'another origin',
      `update control.load set timeline = 7`,
      'WatermarkForeign',
      'Transaction ids of one say nothing',
    ],
    [
      'another model',
      `update control.load set model = 'stg_pos_events'`,
      'InvalidInput',
      'is of stg_pos_events',
    ],
    ['a load given up', `update control.load set state = 'abandoned'`, 'InvalidInput', 'it is abandoned'],
    [
      'whole relations',
      `update control.load set read_window = '{"kind": "whole"}'`,
      'InvalidInput',
      'read whole relations, which are not kept',
    ],
  ])('of %s is refused with what to do', async (_, change, type, message) => {
    const first = await firstLoad();
    await sql.raw(change).execute(shop.admin);
    await expect(shop.openWindow(silver, run, { replay: first })).rejects.toMatchObject({
      type,
      message: expect.stringContaining(message),
    });
  });
});
