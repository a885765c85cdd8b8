import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deployModels } from '../../activities/deploy.ts';
import { readRepository } from '../../activities/repository.ts';
import type { RepositoryFolders } from '../../activities/repository.ts';
import { lockTarget } from '../../activities/target.ts';
import { until } from '../poll.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { runOf, stationsOf } from './shop.ts';
import { writeModel } from './write-model.ts';

let database: FreshDatabase;
let folder: string;
let files: RepositoryFolders;
beforeEach(async () => {
  database = await freshDatabase();
  folder = await mkdtemp(join(tmpdir(), 'weir-schema-'));
  files = { modelsFolder: join(folder, 'models'), suitesFolder: join(folder, 'suites') };
  await writeModel(
    files,
    'bronze/raw_things',
    'source',
    `reader: json_lines
settings: {folder: things, record: [id]}
columns: {id: {type: text, description: d}, a: {type: text, description: d}, b: {type: text, description: d}}`,
  );
});
afterEach(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

/** Rewrites the table's file and deploys it. */
async function things(mode: string, columns: string, more = ''): Promise<void> {
  await writeModel(
    files,
    'silver/things',
    'full_refresh',
    `unique_key: [id]\ngate: none\ngate_reason: a test\non_schema_change: ${mode}\n${more}`,
    `select ${columns} from bronze.raw_things`,
  );
}

async function deploy(): Promise<void> {
  await deployModels(database.admin, await readRepository(files));
}

async function load(): Promise<unknown> {
  return await stationsOf(database.databases, undefined, files).load('things', runOf('run'));
}

async function rows(query: string): Promise<readonly unknown[]> {
  return (await sql.raw(query).execute(database.admin)).rows;
}

async function land(id: string): Promise<void> {
  await sql`insert into bronze.raw_things (id, a, b, _source, _revision, _load, _position, _record_hash)
    values (${id}, '1', 'x', 'f', 1, 1, ${id.length}, md5('')::uuid)`.execute(database.admin);
}

const columnsOf = async (table: string): Promise<string> => {
  const [schema, name] = table.split('.');
  const found = await sql<{ column: string }>`select column_name || ' ' || data_type as column
    from information_schema.columns where table_schema = ${schema} and table_name = ${name}
      and column_name not like '\\_%' order by column_name`.execute(database.admin);
  return found.rows.map(({ column }) => column).join(', ');
};

describe('on_schema_change: fail', () => {
  test.each([
    ['id, a, b', 'b is in the SELECT and not in the table'],
    ['id', 'a is in the table and not in the SELECT'],
    ['id, a::integer as a', 'a is text in the table and integer in the SELECT'],
  ])('select %s is refused by deploy and by a load', async (columns, problem) => {
    await things('fail', 'id, a');
    await deploy();
    await things('fail', columns);
    const refused = {
      type: 'InvalidModel',
      nonRetryable: true,
      message: expect.stringContaining(
        `models/silver/things.sql does not fit silver.things: ${problem}. on_schema_change is fail`,
      ),
    };
    await expect(deploy()).rejects.toMatchObject(refused);
    await expect(load()).rejects.toMatchObject(refused);
    expect(await columnsOf('silver.things')).toBe('a text, id text');
  });
});

describe('on_schema_change: append_new_columns', () => {
  test('adds new columns everywhere; what went away stays and becomes NULL', async () => {
    await things('append_new_columns', 'id, a');
    await deploy();
    await land('1');
    await load();
    await things('append_new_columns', 'id, b');
    await expect(load()).rejects.toThrow('on_schema_change is append_new_columns: run weir migrate');
    await deploy();
    for (const table of ['silver.things', 'changes.things', 'delta.things'])
      expect(await columnsOf(table)).toBe('a text, b text, id text');
    await land('22');
    expect(await load()).toMatchObject({ inserted: 1, updated: 1 });
    expect(await rows('select id, a, b from silver.things order by id')).toEqual([
      { id: '1', a: null, b: 'x' },
      { id: '22', a: null, b: 'x' },
    ]);
    expect(await rows('select id, a, b from changes.things')).toEqual([{ id: '1', a: '1', b: null }]);
    expect(await load()).toMatchObject({ inserted: 0, updated: 0, unchanged: 2 });
  });

  test('changes no type', async () => {
    await things('append_new_columns', 'id, a');
    await deploy();
    await things('append_new_columns', 'id, a::integer as a');
    await expect(deploy()).rejects.toThrow('append_new_columns changes no type');
  });
});

describe('on_schema_change: sync_all_columns', () => {
  const sums = (): Promise<void> =>
    writeModel(
      files,
      'gold/sums',
      'incremental',
      `unique_key: [id]\ngate: none\ngate_reason: a test
touched:
  things: select id from delta.things`,
      'select id, count(*) as n from touched.sums join silver.things using (id) group by id',
    );
  const view = (): Promise<void> =>
    writeModel(
      files,
      'semantic/all_things',
      'view',
      'gate: none\ngate_reason: r',
      'select id, n from gold.sums join silver.things using (id)',
    );

  test('adds, drops and casts, and makes the views over it again, grants included', async () => {
    await things('sync_all_columns', 'id, a, b', 'grants: {select: [weir_analytics_reader]}');
    await sums();
    await view();
    await deploy();
    await land('1');
    await load();
    await things(
      'sync_all_columns',
      'id, a::integer as a, now() as seen',
      'grants: {select: [weir_analytics_reader]}',
    );
    await expect(load()).rejects.toThrow('on_schema_change is sync_all_columns: run weir migrate');
    await deploy();
    for (const table of ['silver.things', 'changes.things', 'delta.things'])
      expect(await columnsOf(table)).toBe('a integer, id text, seen timestamp with time zone');
    expect(await rows('select id, a, seen from silver.things')).toEqual([{ id: '1', a: 1, seen: null }]);
    expect(await rows('select id from touched.sums')).toEqual([{ id: '1' }]);
    expect(await rows('select id, n from semantic.all_things')).toEqual([]);
    expect(await load()).toMatchObject({ inserted: 0, updated: 1 });
    await stationsOf(database.databases, undefined, files).load('sums', runOf('run'));
    expect(await rows('select id, n from semantic.all_things')).toEqual([{ id: '1', n: 1 }]);
    const reads =
      await rows(`select has_table_privilege('weir_analytics_reader', 'semantic.all_things', 'select') as reader,
      has_table_privilege('weir_validator', 'delta.things', 'select') as validator`);
    expect(reads).toEqual([{ reader: true, validator: true }]);
  });

  test('does nothing when a view of somebody else is in the way, and names it', async () => {
    await things('sync_all_columns', 'id, a, b');
    await deploy();
    await sql`create view public.mine as select b from silver.things`.execute(database.admin);
    await sql`create view public.other as select a from silver.things`.execute(database.admin);
    await things('sync_all_columns', 'id, a');
    await expect(deploy()).rejects.toThrow(
      /^models\/silver\/things\.sql: public\.mine would be lost, as b of silver.things changes under it/,
    );
    await sql`drop view public.mine`.execute(database.admin);
    await deploy();
    expect(await rows('select a from public.other')).toEqual([]);
    await sql`create view public.mine as select a from delta.things`.execute(database.admin);
    await things('sync_all_columns', 'id, a::integer as a');
    await expect(deploy()).rejects.toThrow(/public\.mine, public\.other would be lost/);
  });

  test('says so where a value cannot be cast, without the value', async () => {
    await things('sync_all_columns', 'id, a, b');
    await deploy();
    await land('1');
    await load();
    await things('sync_all_columns', 'id, a, b::integer as b');
    const refusal = await deploy().catch((error: unknown) => (error instanceof Error ? error.message : ''));
    expect(refusal).toMatch(
      /b of silver\.things cannot become integer: a value cannot be cast.*SQLSTATE 22P02/,
    );
    expect(refusal).not.toContain('"x"');
    await things('sync_all_columns', 'id, a, array[b] as b');
    await expect(deploy()).rejects.toThrow(/cannot become text\[\]/);
  });

  test('has a candidate staged again that was staged before', async () => {
    await things('sync_all_columns', 'id, a, b');
    await deploy();
    await land('1');
    const stations = stationsOf(database.databases, undefined, files);
    const run = runOf('run');
    const { loadId } = await stations.openWindow('things', run);
    const { attempt } = await stations.stage({ loadId, run });
    await things('sync_all_columns', 'id, a');
    await deploy();
    expect(await stations.publish({ loadId, run, attempt })).toEqual({
      state: 'stale',
      reason: 'the columns of silver.things changed since it was staged',
    });
    const again = await stations.stage({ loadId, run });
    expect(await stations.publish({ loadId, run, attempt: again.attempt })).toMatchObject({ inserted: 1 });
  });
});

test.each([
  ['append_new_columns', { a: null, b: 'x' }],
  ['sync_all_columns', { b: 'x' }],
])('a history with %s begins a new version of a row', async (mode, now) => {
  const keep = (columns: string): Promise<void> =>
    writeModel(
      files,
      'silver/things',
      'history',
      `unique_key: [id]\ngate: none\ngate_reason: a test\non_schema_change: ${mode}`,
      `select ${columns} from bronze.raw_things`,
    );
  await keep('id, a');
  await deploy();
  await land('1');
  await load();
  await keep('id, b');
  await deploy();
  const later = stationsOf(database.databases, undefined, files);
  await later.load('things', runOf('run'), { asOf: '2017-02-01T00:00:00.000Z' });
  const versions = await rows('select * from silver.things order by valid_from');
  expect(versions).toHaveLength(2);
  expect(versions.at(-1)).toEqual({
    ...now,
    id: '1',
    valid_from: new Date('2017-02-01T00:00:00.000Z'),
    valid_to: null,
    _xid: expect.anything(),
  });
});

test.each(['fail', 'append_new_columns', 'sync_all_columns'])('with %s the key stays', async (mode) => {
  await things(mode, 'id, a');
  await deploy();
  await writeModel(
    files,
    'silver/things',
    'full_refresh',
    `unique_key: [id, a]\ngate: none\ngate_reason: a test\non_schema_change: ${mode}`,
    'select id, a from bronze.raw_things',
  );
  await expect(deploy()).rejects.toThrow(
    'models/silver/things.sql: unique_key of a full_refresh is (id, a), and silver.things is kept unique by (id). ' +
      'A key or kind never changes by itself: give the model another name, or build it anew: drop table silver.things, changes.things cascade;',
  );
  await sql`drop table silver.things, changes.things cascade`.execute(database.admin);
  await deploy();
  await land('1');
  expect(await load()).toMatchObject({ state: 'published', inserted: 1 });
});

test('a deploy that changes columns waits for a publish that has compared them', async () => {
  await things('append_new_columns', 'id, a');
  await deploy();
  await things('append_new_columns', 'id, a, b');
  let deployed: Promise<void> = Promise.resolve();
  await database.admin.transaction().execute(async (trx) => {
    await lockTarget(trx, 'things');
    deployed = deploy();
    const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    await until(async () => (await rows(waiting)).length > 0, { what: 'the deploy waits' });
    expect(await columnsOf('silver.things')).toBe('a text, id text');
  });
  await deployed;
  expect(await columnsOf('silver.things')).toBe('a text, b text, id text');
});
