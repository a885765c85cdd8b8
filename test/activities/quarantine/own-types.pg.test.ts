import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import { runOf } from '../shop.ts';
import { aside, gatedShop, MODEL, sale } from './gated-shop.ts';
import type { GatedShop } from './gated-shop.ts';

let shop: GatedShop;
beforeEach(async () => {
  shop = await gatedShop();
});
afterEach(() => shop.close());

async function ids(): Promise<readonly unknown[]> {
  return (await shop.aside()).map(({ record }) => record['transaction_id']);
}

describe('rows that break what only Weir can state go aside too', () => {
  test('a double of what is published, a store nobody knows, and a step back', async () => {
    await sql`insert into gold.dim_stores (store_id) values ('STORE_00001')`.execute(shop.admin);
    await shop.land([sale('a'), sale('b')], { file: 'one' });
    await shop.load(MODEL, runOf('sunday'));
    await shop.promise(MODEL, [
      aside('expect_compound_columns_to_be_unique_in_published', { column_list: ['transaction_id'] }),
      aside('expect_column_values_to_exist_in_other_table', {
        column: 'store_id',
        other_table: 'gold.dim_stores',
        other_column: 'store_id',
      }),
      aside('expect_column_values_to_be_increasing', { column: 'total_amount' }),
    ]);
    const rising = ['b', 'c', 'd', 'e', 'f', 'g'].map((id, place) => ({ ...sale(id), amount: 10 + place }));
    const stepBack = { ...sale('low'), amount: 1 };
    await shop.land([...rising, { ...sale('far', 'STORE_99999'), amount: 99 }, stepBack], { file: 'two' });
    const load = await shop.staged();
    const verdict = await shop.look(load);
    expect(verdict).toMatchObject({ outcome: 'fail', quarantine: { expectations: [0, 1, 2] } });
    expect(await shop.setAside(load, verdict)).toEqual({ state: 'quarantined', rows: 3 });
    expect(await ids()).toEqual(['b', 'far', 'low']);
    expect(await shop.look(load)).toMatchObject({ outcome: 'pass', rows: 5 });
    expect(await shop.publish(load)).toMatchObject({ state: 'published', inserted: 5 });
  });
});
