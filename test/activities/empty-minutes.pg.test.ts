import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chore, landDaysAgo } from './housekeeping-shop.ts';
import { openShop, runOf } from './shop.ts';
import type { Shop } from './shop.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.database.drop());

test('empty minutes leave the ledger after two days; what moved a watermark, what published and other pipelines stay', async () => {
  await landDaysAgo(shop.admin, 5, ['a']);
  await shop.load('stg_transactions', runOf('published'));
  for (const name of ['one', 'two', 'three']) await shop.openWindow('stg_transactions', runOf(name));
  const empties = async () => {
    const { rows } = await sql<{ name: string }>`
      select workflow_id as name from control.load where state = 'empty' order by load_id`.execute(
      shop.admin,
    );
    return rows.length;
  };
  expect(await empties()).toBe(3);
  await sql`update control.load set opened_at = opened_at - interval '3 days'`.execute(shop.admin);
  expect((await chore(shop, 'books')).done).toEqual([]);
  await sql`update control.load set pipeline = 'minute'`.execute(shop.admin);
  expect((await chore(shop, 'books', true)).done).toEqual(['would take 2 empty minutes of the ledger']);
  expect(await empties()).toBe(3);
  expect((await chore(shop, 'books')).done).toEqual(['took 2 empty minutes of the ledger']);
  expect(await empties()).toBe(1);
  const { rows } = await sql`
    select state from control.load where load_id in (select load_id from control.watermark)
    union all select state from control.load where state = 'published'`.execute(shop.admin);
  expect(rows).toEqual([{ state: 'empty' }, { state: 'published' }]);
  await expect(sql`delete from control.load`.execute(shop.database.databases.loader)).rejects.toThrow(
    /permission denied/,
  );
});
