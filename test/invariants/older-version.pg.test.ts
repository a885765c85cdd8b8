import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openShop, runOf } from '../activities/shop.ts';
import type { Landed, Shop } from '../activities/shop.ts';

const model = 'stg_transactions';

/** One transaction in three versions, oldest first: by load sequence, then by position, then by revision. */
const versions: readonly (Landed & { readonly amount: number; readonly place: number })[] = [
  { file: 'first', load: 700, amount: 1, place: 1 },
  { file: 'second', load: 800, amount: 2, place: 1 },
  { file: 'third', load: 800, amount: 3, place: 2 },
  { file: 'fourth', load: 600, revision: 2, amount: 4, place: 1 },
];

function orders<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) => orders(items.filter((one) => one !== item)).map((rest) => [item, ...rest]));
}

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.database.drop());

describe('invariant 11: an older version of a row never replaces a newer one', () => {
  // One transaction for each of the 24 orders, and a load for each step: one database serves them all.
  test('in whatever order versions arrive', async () => {
    const all = orders(versions);
    const runs = ['a', 'b', 'c', 'd'].map((name) => runOf(name));
    for (const [index, run] of runs.entries()) {
      for (const [number, order] of all.entries()) {
        const version = order[index];
        if (version === undefined) continue;
        const { file, amount, place, ...landed } = version;
        // Position is the place in the file: what stands before is another transaction.
        const before = Array.from({ length: place - 1 }, () => ({ id: `before ${number}` }));
        await shop.land([...before, { id: `order ${number}`, amount }], {
          file: `${file} ${number}`,
          ...landed,
        });
      }
      await shop.load(model, run);
      const silver = (await shop.silver()).filter(({ id }) => id.startsWith('order'));
      for (const [number, order] of all.entries()) {
        const newest = Math.max(...order.slice(0, index + 1).map(({ amount }) => amount));
        expect(silver.find(({ id }) => id === `order ${number}`)?.amount, `order ${number}`).toBe(newest);
      }
    }
  });

  test('nor in a replay of the interval that the older one is in', async () => {
    const [old, late] = ['2017-01-10T12:00:00', '2017-01-12T12:00:00'];
    await shop.land([{ id: 'a', amount: 1, at: old }], { file: 'one' });
    await shop.load(model, runOf('first'));
    await shop.land([{ id: 'a', amount: 2, at: late }], { file: 'two' });
    await shop.load(model, runOf('second'));
    const interval = { start: '2017-01-10T00:00:00Z', end: '2017-01-11T00:00:00Z' };
    await shop.load(model, runOf('replay'), { interval });
    expect(await shop.silver()).toMatchObject([{ id: 'a', amount: 2 }]);
  });
});
