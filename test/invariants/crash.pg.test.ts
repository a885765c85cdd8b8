import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalPostgres } from '../../infra/local/postgres.ts';
import { openShop, runOf } from '../activities/shop.ts';
import type { Shop } from '../activities/shop.ts';
import { until } from '../poll.ts';
import { ownPostgres } from '../setup/database.ts';

let cluster: LocalPostgres;
let shop: Shop;
beforeAll(async () => {
  cluster = await ownPostgres({ durable: true });
  shop = await openShop(cluster.adminUrl);
});
afterAll(async () => {
  await shop.database.drop();
  await cluster.stop();
});

test('a Postgres that stops hard between stage and publish loses no row', async () => {
  const run = runOf('monday');
  await shop.land([{ id: 'a' }, { id: 'b' }], { file: 'one' });
  const { loadId } = await shop.openWindow('stg_transactions', run);
  const { attempt } = await shop.stage({ loadId, run });
  await cluster.stopHard();
  await cluster.restart();
  // The pools hand out connections that broke until they have met each of them.
  await until(() => shop.ledger(loadId), { what: 'the ledger answers again', timeoutMs: 60_000 });

  // The candidate is unlogged: it is there, empty, while the ledger says two rows.
  const answer = await until(() => shop.publish({ loadId, run, attempt }), {
    what: 'publish answers',
    timeoutMs: 60_000,
  });
  expect(answer).toMatchObject({ state: 'stale', reason: expect.stringContaining('0 of the 2 rows') });
  expect((await sql`select from control.watermark`.execute(shop.admin)).rows).toEqual([]);

  const again = await until(() => shop.stage({ loadId, run }), { what: 'stage answers', timeoutMs: 60_000 });
  expect(again).toMatchObject({ rowsRead: 2, staged: 2 });
  const published = await shop.publish({ loadId, run, attempt: again.attempt });
  expect(published).toMatchObject({ state: 'published', inserted: 2 });
  expect(await shop.silver()).toHaveLength(2);
});
