import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { adoptWatermarks } from '../../activities/adopt-watermark.ts';
import type { Adoption } from '../../activities/adopt-watermark.ts';
import type { LocalPostgres } from '../../infra/local/postgres.ts';
import { say } from '../cli/say.ts';
import { until } from '../poll.ts';
import { ownPostgres } from '../setup/database.ts';
import { openShop, runOf } from './shop.ts';
import type { Shop } from './shop.ts';

let shop: Shop;
let cluster: LocalPostgres | null = null;
afterEach(async () => {
  await shop.database.drop();
  await cluster?.stop();
  cluster = null;
});

const [silver, gold] = ['stg_transactions', 'fct_daily_sales'];
const run = runOf('monday');

function adopt(more: Partial<Adoption> = {}) {
  return adoptWatermarks(shop.admin, {
    model: null,
    rewriteXids: false,
    reason: 'restored',
    by: 'test',
    ...more,
  });
}

async function loaded(): Promise<void> {
  shop = await openShop(cluster?.adminUrl);
  await shop.land([{ id: 'a' }, { id: 'b', store: 'STORE_00002' }], { file: 'one' });
  await shop.load(silver, run);
  await shop.load(gold, run);
}

describe.each([
  ['another system identifier', `update control.watermark set system_identifier = '1'`],
  ['another timeline', `update control.watermark set timeline = timeline + 1`],
])('watermarks of %s', (_, change) => {
  test('stop loads until somebody adopts them, which is written down', async () => {
    await loaded();
    await sql.raw(change).execute(shop.admin);
    await shop.land([{ id: 'c' }], { file: 'two' });
    await expect(shop.load(silver, run)).rejects.toMatchObject({
      type: 'WatermarkForeign',
      message: expect.stringContaining('weir watermark adopt --all'),
    });
    expect(await adopt({ model: silver })).toEqual([{ model: silver, relation: 'raw_transactions' }]);
    expect(await shop.load(silver, run)).toMatchObject({ inserted: 1 });
    await expect(shop.load(gold, run)).rejects.toMatchObject({ type: 'WatermarkForeign' });
    await adopt();
    await shop.load(gold, run);
    expect(await shop.gold()).toMatchObject([{ transactions: 2 }, { transactions: 1 }]);
    const audit = await shop.admin.selectFrom('control.watermark_adoption').selectAll().execute();
    expect(audit[0]).toMatchObject({
      model: silver,
      reason: 'restored',
      decided_by: 'test',
      xids_rewritten: false,
    });
    await expect(sql`delete from control.watermark_adoption`.execute(shop.admin)).rejects.toThrow(
      'append-only',
    );
  });
});

describe('rows of another count of transactions, as after a dump and restore', () => {
  /** Everything as it would be dumped in a cluster that is a million transactions ahead; c has landed and is not published. */
  async function restored(): Promise<void> {
    await loaded();
    await shop.land([{ id: 'c' }], { file: 'two' });
    await shop.retract('one', 1);
    await shop.land([{ id: 'a', amount: 7 }], { file: 'one', revision: 2 });
    await sql`alter table control.retraction disable trigger append_only`.execute(shop.admin);
    const tables = [
      'bronze.raw_transactions',
      'silver.stg_transactions',
      'changes.stg_transactions',
      'control.retraction',
    ];
    for (const table of tables)
      await sql`update ${sql.table(table)} set _xid = ((_xid::text)::bigint + 1000000)::text::xid8`.execute(
        shop.admin,
      );
    await sql`alter table control.retraction enable trigger append_only`.execute(shop.admin);
    await sql`update control.watermark set system_identifier = '1',
      snapshot = (((pg_snapshot_xmin(snapshot)::text)::bigint + 1000000) || ':' || ((pg_snapshot_xmax(snapshot)::text)::bigint + 1000000) || ':')::pg_snapshot`.execute(
      shop.admin,
    );
  }

  test('are not adopted, with the way to go on', async () => {
    await restored();
    await expect(adopt()).rejects.toThrow(/have a _xid that this database has not come to.*--rewrite-xid/);
    await expect(adopt({ model: silver, rewriteXids: true })).rejects.toThrow('goes with --all');
    await sql`update bronze.raw_transactions set _xid = '3'`.execute(shop.admin);
    await sql`update silver.stg_transactions set _xid = '3'`.execute(shop.admin);
    await sql`delete from changes.stg_transactions`.execute(shop.admin);
    await expect(adopt({ model: gold })).rejects.toThrow(/_xid|is ahead of this database/);
    await expect(shop.load(silver, run)).rejects.toMatchObject({ type: 'WatermarkForeign' });
  });

  test('rewritten they go on: nothing is lost, nothing doubled', async () => {
    await restored();
    await adopt({ rewriteXids: true });
    expect(await shop.load(silver, run)).toMatchObject({ inserted: 1, updated: 1, deleted: 1 });
    expect(await shop.silver()).toMatchObject([{ id: 'a', amount: 7 }, { id: 'c' }]);
    expect(await shop.load(gold, run)).toMatchObject({ updated: 1, deleted: 1 });
    expect(await shop.load(silver, run)).toMatchObject({ state: 'empty' });
  });
});

test('weir watermark shows where each delta stands, and adopts', async () => {
  await loaded();
  await shop.land([{ id: 'c' }], { file: 'two' });
  await sql`update control.watermark set timeline = 7 where model = ${gold}`.execute(shop.admin);
  const weir = (...args: string[]) => say(args, { DATABASE_URL: shop.database.adminUrl });
  const shown = await weir('watermark', 'show', '--json');
  expect(shown.code).toBe(2);
  const all: unknown = JSON.parse(shown.out);
  expect(all).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        model: silver,
        relation: 'raw_transactions',
        loadId: 1,
        here: true,
        waiting: 1,
      }),
      expect.objectContaining({
        model: gold,
        relation: 'stg_transactions',
        timeline: 7,
        here: false,
        waiting: null,
      }),
      expect.objectContaining({
        model: 'stg_pos_events',
        relation: 'raw_pos_events',
        snapshot: null,
        waiting: 0,
      }),
    ]),
  );
  const text = await weir('watermark', 'show', silver);
  expect(text.code).toBe(0);
  expect(text.out).toMatch(/^stg_transactions · raw_transactions · load 1 · .*Z · 1 row waits\n {2}\d+:\d+:/);
  expect((await weir('watermark', 'show', 'stg_transaction')).err).toContain('stg_transactions');
  expect(await weir('watermark', 'adopt', '--reason', 'x')).toMatchObject({
    code: 3,
    err: expect.stringContaining('a model, or --all'),
  });
  expect(await weir('watermark', 'adopt', gold, '--reason', 'failed over')).toMatchObject({
    code: 0,
    out: expect.stringContaining('fct_daily_sales · stg_transactions · adopted'),
  });
  expect((await weir('watermark', 'show')).code).toBe(0);
});

test(
  'a standby is refused; promoted, it is another timeline until its watermarks are adopted',
  { timeout: 120_000 },
  async () => {
    cluster = await ownPostgres();
    await loaded();
    const { rows } = await sql<{
      folder: string;
    }>`select current_setting('data_directory') as folder`.execute(shop.admin);
    writeFileSync(path.join(rows[0]?.folder ?? '', 'standby.signal'), '');
    await cluster.restart();
    const standby = await until(
      async () => (await sql<{ is: boolean }>`select pg_is_in_recovery() as is`.execute(shop.admin)).rows[0],
      {
        what: 'it answers again',
      },
    );
    expect(standby).toEqual({ is: true });
    await expect(adopt()).rejects.toMatchObject({
      type: 'WatermarkForeign',
      message: expect.stringContaining('standby'),
    });
    await sql`select pg_promote()`.execute(shop.admin);
    await until(() => shop.land([{ id: 'c' }], { file: 'two' }).then(() => true), { what: 'it takes rows' });
    // The pools hand out connections that broke until they have met each of them.
    const refused = await until(
      () =>
        shop.load(silver, run).then(
          () => 'published',
          (error: unknown) => (isForeign(error) ? 'refused' : null),
        ),
      { what: 'the load is answered' },
    );
    expect(refused).toBe('refused');
    await adopt();
    expect(await shop.load(silver, run)).toMatchObject({ inserted: 1 });
  },
);

function isForeign(error: unknown): boolean {
  return error instanceof Error && error.message.includes('timeline 1, this database is');
}
