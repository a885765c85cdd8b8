import { afterEach, beforeEach, expect, test } from 'vitest';
import { expected, mixOf, published, seeds } from './mixed-loads.ts';
import { openShop } from './shop.ts';
import type { Shop } from './shop.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.database.drop());

test.each(seeds)(
  'rebuilds, replays, ranges and loads by arrival, mixed by seed %i, end where plain SQL does',
  async (seed) => {
    const mix = mixOf(shop, seed);
    for (let round = 0; round < 6; round += 1) {
      await mix.round();
      expect(await published(shop), mix.said.join('\n')).toEqual(await expected(shop));
    }
  },
);
