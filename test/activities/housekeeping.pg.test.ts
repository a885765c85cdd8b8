import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../workers/databases.ts';
import { until } from '../poll.ts';
import { withinOne } from '../setup/within-one.ts';
import { chore, landDaysAgo, makePastDays, partitionsOf } from './housekeeping-shop.ts';
import { openShop, runOf } from './shop.ts';
import type { Shop } from './shop.ts';

let shop: Shop;
beforeEach(async () => {
  await withinOne('day');
  shop = await openShop();
});
afterEach(() => shop.database.drop());

const day = (ago: number): string =>
  new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');

const nothing = { done: [], left: [], warnings: [] };

describe('partitions', () => {
  test('are made a week ahead, once, and a dry run only tells', async () => {
    const last = `raw_transactions_${day(-7)}`;
    await sql`drop table ${sql.id('bronze_partition', last)}`.execute(shop.admin);
    await sql`delete from control.bronze_partition where partition = ${last}`.execute(shop.admin);
    expect((await chore(shop, 'partitions', true)).done).toEqual([
      'bronze.raw_transactions: would make 1 partition',
    ]);
    const both = await Promise.all([chore(shop, 'partitions'), chore(shop, 'partitions')]);
    expect(both.flatMap(({ done }) => done)).toEqual(['bronze.raw_transactions: made 1 partition']);
    expect(await chore(shop, 'partitions')).toEqual(nothing);
    expect(await partitionsOf(shop.admin, 'raw_transactions')).toContain(day(-7));
  });
});

describe('retention', () => {
  test('waits for every reader, for loads that have not ended, and for whoever reads the source now', async () => {
    await makePastDays(shop.admin, 'raw_transactions', [-92, -91, -90]);
    await landDaysAgo(shop.admin, 91, ['a', 'b']);
    await landDaysAgo(shop.admin, 90, ['c']);
    await landDaysAgo(shop.admin, 100, ['unpartitioned']);
    const old = `raw_transactions_${day(91)}`;
    const empty = `raw_transactions_${day(92)}`;
    expect(await chore(shop, 'retention', true)).toEqual({
      done: [`${empty}: would drop it`],
      left: [
        `${old}: still needed by stg_transactions has no watermark of it yet`,
        'raw_transactions_default: still needed by stg_transactions has no watermark of it yet',
      ],
      warnings: [],
    });

    const { loadId } = await shop.openWindow('stg_transactions', runOf('held'));
    await shop.release({ model: 'stg_transactions', run: runOf('held'), outcome: 'abandoned' });
    expect(loadId).toBeGreaterThan(0);
    await shop.load('stg_transactions', runOf('first'));
    const interval = { start: '2017-01-30T00:00:00Z', end: '2017-01-31T00:00:00Z' };
    const backfill = await shop.openWindow('stg_transactions', runOf('backfill'), { interval });
    expect((await chore(shop, 'retention')).left).toContain(
      `${old}: still needed by load ${backfill.loadId} of stg_transactions (open)`,
    );
    await shop.release({ model: 'stg_transactions', run: runOf('backfill'), outcome: 'abandoned' });

    await shop.admin.transaction().execute(async (reader) => {
      await sql`select from bronze.raw_transactions limit 1`.execute(reader);
      expect((await chore(shop, 'retention')).left).toEqual([
        `${old}: somebody reads its source`,
        'bronze.raw_transactions: in use, the rest is left to the next time',
      ]);
    });
    const twice = await Promise.all([chore(shop, 'retention'), chore(shop, 'retention')]);
    expect(twice.flatMap(({ done }) => done).toSorted()).toEqual([
      `${old}: dropped, 2 rows`,
      'raw_transactions_default: deleted 1 expired row',
    ]);
    expect(await chore(shop, 'retention')).toEqual(nothing);
    expect(await partitionsOf(shop.admin, 'raw_transactions')).toContain(day(90));
    const { rows } = await sql`
      select relation, partition, (to_day - from_day) as days, rows, min_xid is not null as known from control.dropped_partition
      where rows > 0 order by partition`.execute(shop.admin);
    expect(rows).toEqual([
      { relation: 'raw_transactions', partition: old, days: 1, rows: 2, known: true },
      { relation: 'raw_transactions', partition: 'raw_transactions_default', days: 1, rows: 1, known: true },
    ]);
    // What was published stays, and the next load goes on where the last one ended.
    await landDaysAgo(shop.admin, 0, ['d']);
    await shop.load('stg_transactions', runOf('second'));
    expect((await shop.silver()).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'unpartitioned']);
  });

  test('keeps the days on which rows arrived that wait in quarantine, whichever gate set them aside', async () => {
    await makePastDays(shop.admin, 'raw_transactions', [-92, -91]);
    await landDaysAgo(shop.admin, 92, ['a']);
    await landDaysAgo(shop.admin, 91, ['b']);
    await landDaysAgo(shop.admin, 95, ['c', 'd']);
    await sql`
      insert into control.landing (source, file, revision, content_hash, size_bytes, modified_at, load_sequence, rows_landed,
        rows_rejected, workflow_id, landed_at)
      select distinct 'raw_transactions', _source, 1, 'h', 1, now(), 1, 1, 0, 'w', loaded_at at time zone 'UTC'
      from bronze.raw_transactions`.execute(shop.admin);
    await shop.load('stg_transactions', runOf('first'));
    await sql`
      insert into control.batch_quarantine (load_id, attempt, model, gate, suite, verdict_id, evaluation_id, expectations,
        reason, record, _source, _revision, _load, _position, workflow_id, run_id)
      select load_id, 1, 'stg_transactions', gate, 's', gen_random_uuid(), 1, '{0}', 'r',
        jsonb_build_object('_source', file, '_revision', 1), case gate when 'input' then file end, 1, 1, 1, 'w', 'r'
      from control.load cross join (values ('input', 'a'), ('output', 'c,d')) as t (gate, file)`.execute(
      shop.admin,
    );
    expect(await chore(shop, 'retention')).toEqual({
      done: [`raw_transactions_${day(91)}: dropped, 1 row`],
      left: [
        `raw_transactions_${day(92)}: still needed by rows in quarantine that wait`,
        'raw_transactions_default: its expired rows are still needed',
      ],
      warnings: [],
    });
    await sql`update control.batch_quarantine set state = 'released'`.execute(shop.admin);
    expect((await chore(shop, 'retention')).done).toEqual([
      `raw_transactions_${day(92)}: dropped, 1 row`,
      'raw_transactions_default: deleted 2 expired rows',
    ]);
  });

  test('killed in the middle leaves a partition as it was, and the next time takes it', async () => {
    await makePastDays(shop.admin, 'raw_transactions', [-91]);
    await landDaysAgo(shop.admin, 91, ['a']);
    await shop.load('stg_transactions', runOf('first'));
    const own = openDatabase(shop.database.adminUrl, 'killed', 1);
    const killed = own
      .transaction()
      .execute(async (trx) => {
        await sql`select control.drop_bronze_partition(${`raw_transactions_${day(91)}`}, '{}')`.execute(trx);
        await sql`select pg_terminate_backend(pg_backend_pid())`.execute(trx);
      })
      .catch((error: unknown) => error);
    expect(await killed).toBeInstanceOf(Error);
    await own.destroy();
    expect(await partitionsOf(shop.admin, 'raw_transactions')).toContain(day(91));
    expect((await chore(shop, 'retention')).done).toEqual([`raw_transactions_${day(91)}: dropped, 1 row`]);
  });

  test('beside loads and landings neither loses a row nor waits for long', async () => {
    await makePastDays(shop.admin, 'raw_transactions', [-95, -94, -93, -92, -91]);
    for (const ago of [95, 94, 93, 92, 91]) await landDaysAgo(shop.admin, ago, [`old-${ago}`]);
    await shop.load('stg_transactions', runOf('first'));
    const house = { kept: false };
    const loads = async (name: string): Promise<void> => {
      for (let number = 0; !house.kept || number < 3; number += 1) {
        await landDaysAgo(shop.database.databases.loader, 0, [`${name}-${number}`]);
        await shop.load('stg_transactions', runOf(`${name}-${number}`));
      }
    };
    const keeping = until(
      async () => {
        await chore(shop, 'retention');
        return (await partitionsOf(shop.admin, 'raw_transactions')).length === 9;
      },
      { what: 'every old partition is dropped', timeoutMs: 60_000 },
    ).finally(() => (house.kept = true));
    await Promise.all([keeping, loads('left'), loads('right')]);
    const { rows } = await sql`
      select transaction_id from bronze.raw_transactions except select transaction_id from silver.stg_transactions`.execute(
      shop.admin,
    );
    expect(rows).toEqual([]);
    expect((await shop.silver()).filter(({ id }) => id.startsWith('old'))).toHaveLength(5);
  });
});

describe('old images', () => {
  test('go a week after everybody has passed them, and stay while a reader has none of them', async () => {
    await shop.land([{ id: 't', amount: 1 }], { file: 'one' });
    await shop.load('stg_transactions', runOf('one'));
    await shop.land([{ id: 't', amount: 2 }], { file: 'two' });
    await shop.load('stg_transactions', runOf('two'));
    const images = async () =>
      (await sql<{ n: number }>`select count(*) as n from changes.stg_transactions`.execute(shop.admin))
        .rows[0]?.n;
    expect(await images()).toBe(1);
    expect(await chore(shop, 'oldImages')).toEqual(nothing);

    await sql`update control.load set published_at = now() - interval '8 days'`.execute(shop.admin);
    expect((await chore(shop, 'oldImages')).left).toEqual([
      'changes.stg_transactions: still needed by fct_daily_sales has no watermark of it yet',
    ]);
    await shop.load('fct_daily_sales', runOf('gold'));
    expect((await chore(shop, 'oldImages', true)).done).toEqual([
      'changes.stg_transactions: would take 1 old image',
    ]);
    expect((await chore(shop, 'oldImages')).done).toEqual(['changes.stg_transactions: took 1 old image']);
    expect(await images()).toBe(0);
  });
});

describe('books', () => {
  test('lose what has expired and keep the place of what may not come back', async () => {
    const { loadId } = await shop.openWindow('stg_transactions', runOf('one'));
    await sql`
      insert into control.quarantine (relation, file, revision, position, reason, record, workflow_id, expires_at)
      select 'bronze.raw_transactions', 'f', 1, n, 'not valid JSON', 'x', 'w', now() + (n - 1.5) * interval '3 days'
      from generate_series(1, 3) n`.execute(shop.admin);
    await sql`
      insert into control.batch_quarantine (load_id, attempt, model, gate, suite, verdict_id, evaluation_id, expectations,
        reason, record, _source, _revision, _load, _position, workflow_id, run_id, expires_at)
      select ${loadId}, 1, 'stg_transactions', gate, 's', gen_random_uuid(), 1, '{0}', 'r', '{"a": 1}', 'f', 1, 1, 1, 'w', 'r',
        now() - interval '1 day'
      from unnest('{input,output}'::text[]) as gate`.execute(shop.admin);
    await sql`insert into touched.fct_daily_sales_keys (load_id, transaction_date, store_id) values (0, '2017-01-01', 'S')`.execute(
      shop.admin,
    );
    const told = await chore(shop, 'books', true);
    expect(told.done).toEqual([
      'would take 3 expired rows in quarantine',
      'would take 1 key of ended loads of fct_daily_sales',
    ]);
    expect(await chore(shop, 'books')).toEqual({
      done: ['took 3 expired rows in quarantine', 'took 1 key of ended loads of fct_daily_sales'],
      left: [],
      warnings: ['2 rows in quarantine will be gone within 7 days: weir quarantine list'],
    });
    const { rows } = await sql`
      select gate, record, state, _position from control.batch_quarantine
      union all select 'none', null, state, position from control.quarantine order by 1, 4`.execute(
      shop.admin,
    );
    expect(rows).toEqual([
      { gate: 'input', record: {}, state: 'superseded', _position: 1 },
      { gate: 'none', record: null, state: 'waiting', _position: 2 },
      { gate: 'none', record: null, state: 'waiting', _position: 3 },
    ]);
    expect((await chore(shop, 'books')).done).toEqual([]);
  });
});

describe('statistics', () => {
  test('are gathered where they are missing or a tenth has changed, of a partitioned table as a whole', async () => {
    await shop.land([{ id: 't' }], { file: 'one' });
    await shop.load('stg_transactions', runOf('one'));
    await sql`select pg_stat_force_next_flush()`.execute(shop.admin);
    const stale = await until(
      async () => {
        const { done } = await chore(shop, 'statistics', true);
        return done.length >= 3 ? done : undefined;
      },
      // A connection that is idle tells what it did after up to ten seconds.
      { what: 'the server has counted the changes', timeoutMs: 45_000 },
    );
    expect(stale).toEqual([
      `bronze_partition.raw_transactions_${day(0)}: would gather statistics, 1 row changed`,
      'silver.stg_transactions: would gather statistics, 1 row changed',
      'bronze.raw_transactions: would gather statistics, as a whole',
    ]);
    const { done, left } = await chore(shop, 'statistics');
    expect([done.length, left]).toEqual([3, []]);
    const { rows } = await sql<{ tuples: number }>`
      select reltuples::int as tuples from pg_class where oid = 'silver.stg_transactions'::regclass`.execute(
      shop.admin,
    );
    expect(rows).toEqual([{ tuples: 1 }]);
    await until(async () => (await chore(shop, 'statistics', true)).done.length === 0, {
      what: 'nothing is stale any more',
      timeoutMs: 45_000,
    });
  });
});

describe('long transactions', () => {
  test('a writer is told of with what went by meanwhile, a prepared one and a reader apart', async () => {
    await shop.land([{ id: 'a' }, { id: 'b' }], { file: 'one' });
    await shop.load('stg_transactions', runOf('one'));
    await sql`alter function control.long_transactions(interval) rename to asked`.execute(shop.admin);
    await sql`
      create function control.long_transactions(older_than interval)
      returns table (pid int, began timestamptz, who text, application text, database text, state text, writes boolean)
      language sql as $$
        values (7, now() - interval '90 minutes', 'etl', 'nightly', 'db', 'idle in transaction', true),
          (null, now() - interval '80 minutes', 'etl', '', 'other', 'prepared', true),
          (8, now() - interval '70 minutes', 'bi', 'psql', 'db', 'active', false)
      $$`.execute(shop.admin);
    expect(await chore(shop, 'transactions')).toEqual({
      done: [],
      left: [],
      warnings: [
        'pid 7 (nightly) of etl in database db, idle in transaction, open for 90 minutes: it has written, and 1 load over 2 rows went by without its rows since',
        'a prepared transaction of etl in database other, prepared, open for 80 minutes: it has written, and 1 load over 2 rows went by without its rows since',
        'pid 8 (psql) of bi in database db, active, open for 70 minutes: vacuum has to keep what it may see',
      ],
    });
  });

  test('are reported by who they are, writers apart, and never by what they ask', async () => {
    expect(await chore(shop, 'transactions')).toEqual(nothing);
    await shop.admin.transaction().execute(async (trx) => {
      await sql`select pg_current_xact_id(), 'secret 4111111111111111'`.execute(trx);
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
      const { rows: found } = await sql`
        select pid, who, application, state, writes from control.long_transactions(interval '0')
        where pid = ${rows[0]?.pid ?? 0}`.execute(shop.database.databases.loader);
      expect(found).toEqual([
        {
          pid: rows[0]?.pid,
          who: 'postgres',
          application: 'test admin',
          state: 'idle in transaction',
          writes: true,
        },
      ]);
      const { rows: columns } = await sql<{ names: string[] }>`
        select proargnames as names from pg_proc where proname = 'long_transactions'`.execute(shop.admin);
      expect(columns[0]?.names).not.toContain('query');
    });
  });
});
