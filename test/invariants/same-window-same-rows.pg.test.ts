import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyWindow } from '../../activities/load-window.ts';
import { asOf, openShop, runOf } from '../activities/shop.ts';
import type { Shop } from '../activities/shop.ts';

const model = 'stg_transactions';
const [monday, tuesday, late] = [runOf('monday'), runOf('tuesday'), runOf('late')];

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.database.drop());

/** The rows of a delta under the window that the ledger keeps of a load. */
async function readAgain(loadId: number, delta = 'raw_transactions'): Promise<readonly string[]> {
  const { window } = await shop.ledger(loadId);
  return shop.database.databases.loader.transaction().execute(async (trx) => {
    await applyWindow(trx, window, asOf);
    const { rows } = await sql<{ id: string }>`
      select transaction_id as id from ${sql.table(`delta.${delta}`)} order by 1`.execute(trx);
    return rows.map(({ id }) => id);
  });
}

describe('invariant 5: the same window reads the same rows', () => {
  test('whatever was in flight when it was opened, and whatever has come since', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const commits = await shop.admin.startTransaction().execute();
    await shop.land([{ id: 'in flight' }], { file: 'two' }, commits);
    const rollsBack = await shop.admin.startTransaction().execute();
    await shop.land([{ id: 'never' }], { file: 'three' }, rollsBack);
    await shop.land([{ id: 'b' }], { file: 'four' });
    const { loadId } = await shop.openWindow(model, monday);
    expect(await readAgain(loadId)).toEqual(['a', 'b']);

    await commits.commit().execute();
    await rollsBack.rollback().execute();
    await shop.land([{ id: 'c' }], { file: 'five' });
    expect(await readAgain(loadId)).toEqual(['a', 'b']);
    const { attempt } = await shop.stage({ loadId, run: monday });
    await shop.publish({ loadId, run: monday, attempt });
    expect(await readAgain(loadId)).toEqual(['a', 'b']);

    const next = await shop.openWindow(model, tuesday);
    expect(await readAgain(next.loadId)).toEqual(['c', 'in flight']);
    await sql`vacuum (freeze) bronze.raw_transactions`.execute(shop.admin);
    expect([await readAgain(loadId), await readAgain(next.loadId)]).toEqual([
      ['a', 'b'],
      ['c', 'in flight'],
    ]);
  });

  test('of a published table, as long as its rows are kept as they were', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    await shop.load(model, monday);
    const { loadId } = await shop.openWindow('fct_daily_sales', monday);
    await shop.land([{ id: 'b' }], { file: 'two' });
    await shop.load(model, tuesday);
    expect(await readAgain(loadId, model)).toEqual(['a']);
  });

  test('by event time too: what its gate has not seen is not staged, but comes with the next load', async () => {
    const interval = { start: '2017-01-30T00:00:00Z', end: '2017-01-31T00:00:00Z' };
    await shop.land([{ id: 'a' }], { file: 'one' });
    const commits = await shop.admin.startTransaction().execute();
    await shop.land([{ id: 'in flight' }], { file: 'two' }, commits);
    const { loadId } = await shop.openWindow(model, monday, { interval });
    expect(await readAgain(loadId)).toEqual(['a']);
    await commits.commit().execute();
    await shop.land([{ id: 'b' }], { file: 'three' });
    expect(await readAgain(loadId)).toEqual(['a']);
    const { attempt } = await shop.stage({ loadId, run: monday });
    expect(await shop.publish({ loadId, run: monday, attempt })).toMatchObject({ inserted: 1 });
    expect(await shop.load(model, late)).toMatchObject({ inserted: 2 });
  });
});
