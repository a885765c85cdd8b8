import { afterAll, beforeAll, expect, test } from 'vitest';
import { chore } from './housekeeping-shop.ts';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.database.drop());

test('what became of pages goes after 90 days, and what nobody tries any more is given up', async () => {
  const { admin } = shop.database;
  const row = { event_id: 'e', action: 'trigger' as const, attempts: 1, notifier: 'chat' };
  const ago = (days: number): Date => new Date(Date.now() - days * 86_400_000);
  await admin
    .insertInto('control.page_delivery')
    .values([
      { ...row, dedup_key: 'old', state: 'sent', status: 200, reason: null, last_tried_at: ago(91) },
      { ...row, dedup_key: 'young', state: 'sent', status: 200, reason: null, last_tried_at: ago(89) },
      { ...row, dedup_key: 'stuck', state: 'failing', status: 500, reason: 'why', last_tried_at: ago(2) },
      { ...row, dedup_key: 'tried', state: 'failing', status: 500, reason: 'why', last_tried_at: ago(1) },
    ])
    .execute();
  const told = ['1 page that nobody tries any more would be given up', 'would take 1 old delivery of a page'];
  expect((await chore(shop, 'books', true)).done).toEqual(told);
  await chore(shop, 'books');
  const left = admin.selectFrom('control.page_delivery').select(['dedup_key', 'state']).orderBy('dedup_key');
  expect(await left.execute()).toEqual([
    { dedup_key: 'stuck', state: 'undelivered' },
    { dedup_key: 'tried', state: 'failing' },
    { dedup_key: 'young', state: 'sent' },
  ]);
  expect((await chore(shop, 'books')).done).toEqual([]);
});
