import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runOf } from '../shop.ts';
import { aside, gatedShop, knownStores, MODEL, sale } from './gated-shop.ts';
import type { GatedShop } from './gated-shop.ts';

let shop: GatedShop;
beforeEach(async () => {
  shop = await gatedShop();
});
afterEach(() => shop.close());

describe('quarantine at an input gate', () => {
  const asked = () => [
    knownStores(),
    {
      type: 'expect_column_values_to_be_in_set',
      kwargs: { column: 'store_id', value_set: { $PARAMETER: 'valid_store_ids' } },
      severity: 'info',
    },
    {
      type: 'expect_table_row_count_to_be_between',
      kwargs: { min_value: { $PARAMETER: 'min_rows' }, max_value: { $PARAMETER: 'max_rows' } },
      severity: 'info',
    },
    {
      type: 'expect_column_max_to_be_between',
      kwargs: {
        column: 'transaction_timestamp',
        min_value: { $PARAMETER: 'now() - timedelta(minutes=max_staleness_minutes)' },
      },
      severity: 'info',
    },
  ];
  beforeEach(async () => {
    await sql`insert into gold.dim_stores (store_id) values ('STORE_00001')`.execute(shop.admin);
    await shop.promise('transactions', asked());
  });

  test('leaves the rows where they landed and out of the load: an earlier good version of the key stands', async () => {
    await shop.land([sale('a'), sale('b'), sale('b', 'X'), sale('bad', 'X')], { file: 'one' });
    const load = await shop.opened();
    const verdict = await shop.look(load, 'input');
    expect(verdict).toMatchObject({ rows: 4, quarantine: { expectations: [0] } });
    expect(await shop.setAside(load, verdict)).toEqual({ state: 'quarantined', rows: 2 });
    expect(await shop.aside()).toMatchObject([
      { gate: 'input', record: { transaction_id: 'b', _position: 3 } },
      { gate: 'input', record: { transaction_id: 'bad', _position: 4 } },
    ]);
    expect(await shop.look(load, 'input')).toMatchObject({ outcome: 'pass', rows: 2, blocks: false });
    const staged = await shop.stage(load);
    expect(staged).toMatchObject({ rowsRead: 4, staged: 2, superseded: 0, leftOut: 0 });
    expect(await shop.publish({ ...load, attempt: staged.attempt })).toMatchObject({
      inserted: 2,
      quarantined: 2,
    });
    expect((await shop.silver()).map(({ id, store }) => [id, store])).toEqual([
      ['a', 'STORE_00001'],
      ['b', 'STORE_00001'],
    ]);
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from bronze.raw_transactions`.execute(
      shop.admin,
    );
    expect(rows).toEqual([{ n: 4 }]);
  });

  test('what it set aside stays aside over a stage that is done again, and what the output gate sets aside comes on top', async () => {
    await shop.promise(MODEL, [
      aside('expect_column_values_to_match_regex', { column: 'transaction_id', regex: '^[a-y]$' }),
    ]);
    await shop.land([sale('a'), sale('b'), sale('z'), sale('bad', 'X')], { file: 'one' });
    const load = await shop.opened();
    await shop.setAside(load, await shop.look(load, 'input'));
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const { staged } = await shop.stage(load);
      expect(staged).toBe(3);
      const staging = { ...load, attempt };
      expect(await shop.setAside(staging, await shop.look(staging))).toEqual({
        state: 'quarantined',
        rows: 1,
      });
    }
    expect(await shop.ledger(load.loadId)).toMatchObject({ rowsStaged: 2, rowsQuarantined: 2 });
    expect(await shop.publish({ ...load, attempt: 2 })).toMatchObject({ inserted: 2, quarantined: 2 });
  });

  test('takes every delivery of a record that came twice, byte for byte, and counts it once', async () => {
    await shop.promise('transactions', [
      knownStores({ quarantine_share: 0.34 }),
      ...asked().slice(1),
      aside('expect_column_values_to_be_unique', { column: 'transaction_id' }),
    ]);
    await shop.land([sale('a'), sale('b'), sale('bad', 'X'), sale('bad', 'X')], { file: 'one' });
    await sql`update bronze.raw_transactions set _record_hash = md5(transaction_id)::uuid`.execute(
      shop.admin,
    );
    const load = await shop.opened();
    const verdict = await shop.look(load, 'input');
    expect(verdict).toMatchObject({ rows: 3, quarantine: { expectations: [0] } });
    expect(await shop.setAside(load, verdict)).toEqual({ state: 'quarantined', rows: 2 });
    expect(await shop.look(load, 'input')).toMatchObject({ outcome: 'pass', rows: 2 });
    expect(await shop.stage(load)).toMatchObject({ staged: 2, leftOut: 0 });
  });

  test('is of its load only: the next window by event time meets the rows again', async () => {
    await shop.land([sale('a'), sale('b'), sale('bad', 'X')], { file: 'one' });
    const load = await shop.opened();
    await shop.setAside(load, await shop.look(load, 'input'));
    const { attempt } = await shop.stage(load);
    await shop.publish({ ...load, attempt });
    const interval = { start: '2017-01-30T00:00:00.000Z', end: '2017-01-31T00:00:00.000Z' };
    const replay = await shop.openWindow(MODEL, runOf('replay'), { interval });
    const again = { loadId: replay.loadId, attempt: 0, run: runOf('replay') };
    expect(await shop.look(again, 'input')).toMatchObject({ rows: 3, blocks: true });
  });

  describe('what a load set aside and a later version stood in for', () => {
    /** Loads what has landed, without what the input gate sets aside. */
    async function loadRest(): Promise<void> {
      const load = await shop.opened();
      const verdict = await shop.look(load, 'input');
      if (verdict.blocks) await shop.setAside(load, verdict);
      const { attempt } = await shop.stage(load);
      await shop.publish({ ...load, attempt });
    }
    const stores = async () => (await shop.silver()).map(({ id, store }) => [id, store]);
    beforeEach(async () => {
      await shop.land([sale('a'), sale('b', 'X'), sale('c'), sale('d')], { file: 'one' });
      await loadRest();
    });

    test('does not come back when that version is retracted', async () => {
      await shop.land([sale('b')], { file: 'two' });
      await loadRest();
      await shop.retract('two', 1);
      await shop.land([sale('e')], { file: 'three' });
      await loadRest();
      expect(await stores()).toEqual(['a', 'c', 'd', 'e'].map((id) => [id, 'STORE_00001']));
    });

    test('comes back where it was published after all in between', async () => {
      await shop.promise('transactions', asked().slice(1));
      const interval = { start: '2017-01-30T00:00:00.000Z', end: '2017-01-31T00:00:00.000Z' };
      await shop.load(MODEL, runOf('replay'), { interval });
      await shop.land([sale('b')], { file: 'two' });
      await loadRest();
      await shop.retract('two', 1);
      await shop.land([sale('e')], { file: 'three' });
      await loadRest();
      expect(await stores()).toContainEqual(['b', 'X']);
    });
  });

  test('with what the gate was asked with, whatever its parameters would be now', async () => {
    await shop.promise('transactions', [
      aside('expect_column_values_to_be_in_set', {
        column: 'store_id',
        value_set: { $PARAMETER: 'valid_store_ids' },
      }),
      ...asked().slice(2),
    ]);
    await shop.land([sale('a'), sale('b'), sale('bad', 'STORE_00002')], { file: 'one' });
    const load = await shop.opened();
    const verdict = await shop.look(load, 'input');
    await sql`delete from gold.dim_stores`.execute(shop.admin);
    expect(await shop.setAside(load, verdict)).toEqual({ state: 'quarantined', rows: 1 });
  });
});
