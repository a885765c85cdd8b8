import { afterEach, beforeEach, expect, test } from 'vitest';
import { expectation } from '../../expectations/suite-text.ts';
import { gatedShop, MODEL, sale } from '../quarantine/gated-shop.ts';
import type { GatedShop } from '../quarantine/gated-shop.ts';

let shop: GatedShop;
beforeEach(async () => {
  shop = await gatedShop();
});
afterEach(() => shop.close());

test('a gate reads under the settings of its load on its first connection as on a second', async () => {
  await shop.land([sale('a')], { file: 'one' });
  const load = await shop.staged();
  const other = `select from {batch} where current_setting('weir.load_id', true) is distinct from '${load.loadId}'
    or current_setting('weir.as_of', true) is distinct from '2017-01-31T00:00:00.000Z'`;
  await shop.promise(MODEL, [expectation('unexpected_rows_expectation', { unexpected_rows_query: other })]);
  expect(await shop.look(load)).toMatchObject({ outcome: 'pass', rows: 1, failed: [] });
});
