import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ensurePartitions } from '../../activities/bronze-partitions.ts';
import { deployModels } from '../../activities/deploy.ts';
import { createOpen } from '../../activities/open.ts';
import { createPublish } from '../../activities/publish.ts';
import { readRepository } from '../../activities/repository.ts';
import { createStage } from '../../activities/stage.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { withinOne } from '../setup/within-one.ts';
import { asOf, openShop, runOf } from './shop.ts';
import type { Shop } from './shop.ts';

const DAY_MS = 86_400_000;

/** Days from today, UTC, as `20170131`. */
function day(from: number): string {
  return new Date(Date.now() + from * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
}

describe('a source that keeps its rows for a time', () => {
  let shop: Shop;
  beforeAll(async () => {
    await withinOne('day');
    shop = await openShop();
  });
  afterAll(() => shop.database.drop());

  const standsIn = async (file: string): Promise<readonly string[]> => {
    const { rows } = await sql<{ partition: string }>`
      select distinct tableoid::regclass::text as partition from bronze.raw_transactions where _source = ${file}`.execute(
      shop.admin,
    );
    return rows.map(({ partition }) => partition);
  };

  test('has a partition for each of the next days, each with the indexes of windows', async () => {
    const { rows } = await sql<{ partition: string; indexes: string[] }>`
      select c.relname as partition, array(select regexp_replace(indexdef, '^.* USING ', '') from pg_indexes
        where schemaname = 'bronze_partition' and tablename = c.relname order by 1) as indexes
      from pg_inherits join pg_class as c on c.oid = inhrelid
      where inhparent = 'bronze.raw_transactions'::regclass order by 1`.execute(shop.admin);
    expect(rows.map(({ partition }) => partition)).toEqual([
      ...Array.from({ length: 8 }, (_, ahead) => `raw_transactions_${day(ahead)}`),
      'raw_transactions_default',
    ]);
    for (const { partition, indexes } of rows)
      expect(indexes, partition).toEqual([
        ...(partition.endsWith('default') ? ['brin (loaded_at)'] : []),
        'brin (transaction_timestamp)',
        'btree (_xid)',
      ]);
    await shop.land([{ id: 't-1' }], { file: 'today' }, shop.database.databases.loader);
    expect(await standsIn('today')).toEqual([`bronze_partition.raw_transactions_${day(0)}`]);
  });

  test('a landing makes a day that is missing; one that it cannot make lands in the default partition', async () => {
    const { loader } = shop.database.databases;
    const today = `raw_transactions_${day(0)}`;
    await sql.raw(`drop table bronze_partition.${today}`).execute(shop.admin);
    await sql`delete from control.bronze_partition where partition = ${today}`.execute(shop.admin);
    await shop.admin.transaction().execute(async (reader) => {
      await sql`select from bronze.raw_transactions limit 1`.execute(reader);
      expect(await ensurePartitions(loader, 'raw_transactions', 1)).toEqual({
        made: 0,
        busy: 1,
        inDefault: 0,
      });
    });
    await shop.land([{ id: 't-2' }], { file: 'unmade' }, loader);
    expect(await standsIn('unmade')).toEqual(['bronze_partition.raw_transactions_default']);
    expect(await ensurePartitions(loader, 'raw_transactions', 1)).toEqual({ made: 0, busy: 0, inDefault: 1 });

    await sql`delete from bronze.raw_transactions where _source = 'unmade'`.execute(shop.admin);
    const both = await Promise.all([
      ensurePartitions(loader, 'raw_transactions', 1),
      ensurePartitions(loader, 'raw_transactions', 1),
    ]);
    expect(both.reduce((sum, { made }) => sum + made, 0)).toBe(1);
    await shop.land([{ id: 't-3' }], { file: 'made' }, loader);
    expect(await standsIn('made')).toEqual([`bronze_partition.${today}`]);
  });

  test('of one that keeps everything there is nothing to make', async () => {
    expect(await ensurePartitions(shop.database.databases.loader, 'raw_stores', 1)).toEqual({
      made: 0,
      busy: 0,
      inDefault: 0,
    });
  });

  test('nobody makes or drops more by the functions than they are for', async () => {
    const { loader, validator, publisher } = shop.database.databases;
    const refused = async (query: string, code: string, db = loader): Promise<void> => {
      await expect(sql.raw(query).execute(db), query).rejects.toMatchObject({ code });
    };
    await refused(`select control.ensure_bronze_partitions('raw_stores', 1)`, '22023');
    await refused(`select control.ensure_bronze_partitions(null, 1)`, '22023');
    await refused(`select control.ensure_bronze_partitions('x"; drop schema bronze; --', 1)`, '22023');
    await refused(`select control.ensure_bronze_partitions('raw_transactions', 32)`, '22023');
    await refused(`select control.ensure_bronze_partitions('raw_transactions', null)`, '22023');
    await refused(`select control.drop_bronze_partition('raw_transactions_${day(0)}', '{}')`, '22023');
    await refused(`select control.drop_bronze_partition('raw_transactions_default', '{}')`, '22023');
    await refused(`select control.drop_bronze_partition('pg_class', '{}')`, '22023');
    await refused(
      `select control.delete_expired_bronze_rows('raw_transactions_${day(0)}', '{}', 9)`,
      '22023',
    );
    await refused(`drop table bronze_partition.raw_transactions_${day(1)}`, '42501');
    await refused(`create table bronze_partition.mine (n int)`, '42501');
    await refused(`insert into control.partitioned_source values ('raw_stores', 1, '{}')`, '42501');
    await refused(`delete from control.dropped_partition`, '42501');
    await refused(`select control.partition_claims('a', 'b', '{}')`, '42501');
    for (const other of [validator, publisher])
      await refused(`select control.drop_bronze_partition('x', '{}')`, '42501', other);
    await refused(`select control.ensure_bronze_partitions('raw_transactions', 1)`, '42501', validator);
    const { rows } = await sql<{ names: string[]; paths: string[] }>`
      select array_agg(distinct pg_get_userbyid(proowner)::text) as names,
        array_agg(distinct (select setting from unnest(proconfig) as setting where setting like 'search_path=%')) as paths
      from pg_proc where prosecdef and pronamespace = 'control'::regnamespace`.execute(shop.admin);
    expect(rows).toEqual([{ names: ['weir_migrator'], paths: ['search_path=pg_catalog, pg_temp'] }]);
  });
});

describe('a table that was deployed before its source had a retention', () => {
  let database: FreshDatabase;
  let home: string;
  beforeEach(async () => {
    database = await freshDatabase();
    home = await mkdtemp(path.join(tmpdir(), 'weir-partitions-'));
  });
  afterAll(async () => {
    await Promise.all(homes.map((one) => rm(one, { recursive: true, force: true })));
  });
  const homes: string[] = [];

  async function write(file: string, text: string): Promise<void> {
    const target = path.join(home, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
  }

  const about = 'schedule: daily\nowner: o\ndescription: d\ngrain: g\n';

  async function deploy(retention: string): Promise<void> {
    homes.push(home);
    await mkdir(path.join(home, 'suites'), { recursive: true });
    await write(
      'models/bronze/raw_things.sql',
      `/*\nkind: source\n${about}reader: json_lines\nsettings: {folder: things, record: [id]}\n${retention}time_column: at\n` +
        'columns: {id: {type: text, description: d}, at: {type: timestamp, description: d}}\n*/\n',
    );
    await write(
      'models/silver/things.sql',
      `/*\nkind: incremental\n${about}unique_key: [id]\ngate: none\ngate_reason: a test\n*/\n` +
        'select id, at, _source, _revision, _load, _position from delta.raw_things\n',
    );
    await write(
      'models/semantic/landed.sql',
      `/*\nkind: view\n${about}gate: none\ngate_reason: a test\n*/\nselect id from bronze.raw_things\n`,
    );
    await deployModels(database.admin, await readRepository(folders()));
  }

  const folders = () => ({
    modelsFolder: path.join(home, 'models'),
    suitesFolder: path.join(home, 'suites'),
  });

  const land = (ids: readonly string[], file: string) =>
    sql`insert into bronze.raw_things (id, at, _source, _revision, _load, _position, _record_hash)
      select id, '2017-01-30', ${file}, 1, nextval('control.load_sequence'), place, md5(id)::uuid
      from unnest(${[...ids]}::text[]) with ordinality as t (id, place)`.execute(database.databases.loader);

  async function load(name: string): Promise<{ read: number; inserted: number }> {
    const deps = { databases: database.databases, folders: folders(), isRunOpen: async () => true };
    const run = runOf(name);
    const opened = await createOpen(deps).open({ model: 'things', pipeline: 'daily', asOf, run });
    if (opened.state !== 'open') throw new Error('held');
    if (opened.empty) return { read: 0, inserted: 0 };
    const { loadId } = opened;
    const { attempt, rowsRead } = await createStage(deps).stage({ loadId, run });
    const published = await createPublish(deps).publish({ loadId, run, attempt });
    if (published.state === 'stale') throw new Error(published.reason);
    return { read: rowsRead, inserted: published.inserted };
  }

  test('becomes the first partition: nothing is lost, nothing read twice, rights and views stay', async () => {
    await deploy('');
    await land(['a', 'b'], 'one');
    expect(await load('first')).toEqual({ read: 2, inserted: 2 });
    await land(['c'], 'two');
    await sql`grant select on bronze.raw_things to weir_result_reader`.execute(database.admin);
    const rows = () =>
      sql`select id, at, loaded_at, _source, _load, _xid, ctid from bronze.raw_things order by id`.execute(
        database.admin,
      );
    const before = (await rows()).rows;

    await deploy('retention: 30 days\n');
    expect((await rows()).rows).toEqual(before);
    const { rows: shown } = await sql<{ id: string }>`select id from semantic.landed order by id`.execute(
      database.admin,
    );
    expect(shown.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    await land(['d'], 'three');
    expect(await load('second')).toEqual({ read: 2, inserted: 2 });
    expect(await load('third')).toEqual({ read: 0, inserted: 0 });
    const { rows: places } = await sql<{ id: string; partition: string }>`
      select id, tableoid::regclass::text as partition from bronze.raw_things where id >= 'c' order by id`.execute(
      database.databases.loader,
    );
    // Up to tomorrow the first partition goes on, so that it never overlaps with a day's.
    expect(places.map(({ partition }) => partition)).toEqual([
      'bronze_partition.raw_things_before',
      'bronze_partition.raw_things_before',
    ]);
    const { rows: rights } = await sql`
      select has_table_privilege('weir_result_reader', 'bronze.raw_things', 'select') as kept,
        has_table_privilege('weir_loader', 'bronze.raw_things', 'insert') as loads,
        has_table_privilege('weir_publisher', 'bronze.raw_things', 'insert') as publishes,
        (select count(*) from semantic.landed) as shown,
        (select count(*) from pg_inherits where inhparent = 'bronze.raw_things'::regclass) as partitions`.execute(
      database.admin,
    );
    expect(rights).toEqual([{ kept: true, loads: true, publishes: false, shown: 4, partitions: 9 }]);

    await deploy('retention: 40 days\n');
    const { rows: noted } =
      await sql`select * from control.partitioned_source where source = 'raw_things'`.execute(database.admin);
    expect(noted).toEqual([{ source: 'raw_things', retention_days: 40, readers: ['things'] }]);
    await database.drop();
  });

  test('is left as it is while a view that is not Weir’s reads it', async () => {
    await deploy('');
    await sql`create view public.somebodys as select id from bronze.raw_things`.execute(database.admin);
    await expect(deploy('retention: 30 days\n')).rejects.toThrow(
      /raw_things\.sql: bronze\.raw_things is to be partitioned, and public\.somebodys would go on reading/,
    );
    await sql`drop view public.somebodys`.execute(database.admin);
    await deploy('retention: 30 days\n');
    await database.drop();
  });
});
