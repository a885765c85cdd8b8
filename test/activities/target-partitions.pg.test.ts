import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deployModels } from '../../activities/deploy.ts';
import { readPublishedModel } from '../../activities/published-model.ts';
import { readRepository } from '../../activities/repository.ts';
import type { RepositoryFolders } from '../../activities/repository.ts';
import { readTarget } from '../../activities/target.ts';
import { followCandidate } from '../../activities/write-candidate.ts';
import { mergeCandidate } from '../../models/statements/publish.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { runOf, stationsOf } from './shop.ts';
import { writeModel } from './write-model.ts';

let database: FreshDatabase;
let files: RepositoryFolders;
let folder: string;
const run = runOf('run');
beforeEach(async () => {
  database = await freshDatabase();
  folder = await mkdtemp(join(tmpdir(), 'weir-partitions-'));
  files = { modelsFolder: join(folder, 'models'), suitesFolder: join(folder, 'suites') };
  await writeModel(
    files,
    'bronze/raw_things',
    'source',
    `reader: json_lines
settings: {folder: things, record: [id]}
columns: {id: {type: text, description: d}, at: {type: timestamp, description: d}, n: {type: integer, description: d}}`,
  );
});
afterEach(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

async function deployThings(partitioning: string, day = 'at::date'): Promise<void> {
  await writeModel(
    files,
    'silver/things',
    'incremental',
    `unique_key: [id, day]\ngate: none\ngate_reason: a test\n${partitioning}`,
    `select id, ${day} as day, n, _source, _revision, _load, _position from delta.raw_things where id is not null`,
  );
  await deployModels(database.admin, await readRepository(files));
}

let position = 0;
async function land(...things: (readonly [id: string, at: string, n: number])[]): Promise<void> {
  for (const [id, at, n] of things) {
    position += 1;
    await sql`insert into bronze.raw_things (id, at, n, _source, _revision, _load, _position, _record_hash)
      values (${id}, ${at}::timestamp, ${n}, 'f', 1, ${position}, 1, md5('')::uuid)`.execute(database.admin);
  }
}

function stations() {
  return stationsOf(database.databases, undefined, files);
}

/** Rows of the target, `partition: id n`. */
async function rows(): Promise<readonly string[]> {
  const found = await sql<{ row: string }>`
    select tableoid::regclass || ': ' || id || ' ' || n as row from silver.things order by 1`.execute(
    database.admin,
  );
  return found.rows.map(({ row }) => row.replace('target_partition.', ''));
}

describe('a partitioned target', () => {
  test('gets the partitions that its rows need, and merges into them', async () => {
    await deployThings('partitioning: {by: day, column: day}');
    await land(['a', '2017-01-30T23:59:59', 1], ['b', '2017-01-31T00:00:00', 1]);
    expect(await stations().load('things', run)).toMatchObject({ inserted: 2 });
    expect(await rows()).toEqual(['things_20170130: a 1', 'things_20170131: b 1']);
    await land(['a', '2017-01-30T10:00:00', 2], ['c', '2017-02-01T10:00:00', 1]);
    expect(await stations().load('things', run)).toMatchObject({ inserted: 1, updated: 1 });
    expect(await rows()).toEqual(['things_20170130: a 2', 'things_20170131: b 1', 'things_20170201: c 1']);
    expect(await stations().load('things', run)).toMatchObject({ state: 'empty' });
    const kept = await sql`select id, n from changes.things`.execute(database.admin);
    expect(kept.rows).toEqual([{ id: 'a', n: 1 }]);
  });

  test('by month of a timestamp with a time zone has months of UTC', async () => {
    await deployThings('partitioning: {by: month, column: day}', "at at time zone 'UTC'");
    await land(['a', '2017-01-31T23:59:59', 1], ['b', '2017-02-01T00:00:00', 1], ['c', 'infinity', 1]);
    await stations().load('things', run);
    expect(await rows()).toEqual(['things_201701: a 1', 'things_201702: b 1', 'things_default: c 1']);
  });

  test('keeps rows of a day in the default partition where some are there already', async () => {
    await deployThings('partitioning: {by: day, column: day}');
    await sql`insert into silver.things (id, day, n) values ('a', '2017-01-30', 1)`.execute(database.admin);
    await land(['b', '2017-01-30T10:00:00', 1]);
    expect(await stations().load('things', run)).toMatchObject({ inserted: 1 });
    expect(await rows()).toEqual(['things_default: a 1', 'things_default: b 1']);
  });

  test('does not wait for who reads the default partition: rows go there', async () => {
    await deployThings('partitioning: {by: day, column: day}');
    await land(['a', '2017-01-30T10:00:00', 1], ['b', '2017-01-31T10:00:00', 1]);
    await database.admin.transaction().execute(async (trx) => {
      await sql`select from target_partition.things_default`.execute(trx);
      expect(await stations().load('things', run)).toMatchObject({ inserted: 2 });
    });
    expect(await rows()).toEqual(['things_default: a 1', 'things_default: b 1']);
    await land(['c', '2017-02-01T10:00:00', 1]);
    await stations().load('things', run);
    expect(await rows()).toEqual(['things_20170201: c 1', 'things_default: a 1', 'things_default: b 1']);
  });

  test('gives the publisher no right to make or drop tables', async () => {
    await deployThings('partitioning: {by: day, column: day}');
    const { publisher } = database.databases;
    for (const statement of [
      'create table target_partition.mine (n int)',
      'create table silver.mine (n int)',
      'drop table silver.things',
      'alter table silver.things detach partition target_partition.things_default',
    ])
      await expect(sql.raw(statement).execute(publisher), statement).rejects.toMatchObject({ code: '42501' });
    await expect(
      sql`select control.ensure_target_partitions('dim_stores', '{2017-01-01}')`.execute(publisher),
    ).rejects.toMatchObject({ code: '22023' });
    await expect(
      sql`select control.ensure_target_partitions('things', '{2017-01-01}')`.execute(
        database.databases.loader,
      ),
    ).rejects.toMatchObject({ code: '42501' });
  });

  test('gets a new column in every partition', async () => {
    const more = 'partitioning: {by: day, column: day}\non_schema_change: append_new_columns';
    await deployThings(more);
    await land(['a', '2017-01-30T10:00:00', 1]);
    await stations().load('things', run);
    await deployThings(more, 'n + 1 as more, at::date');
    await land(['b', '2017-01-30T10:00:00', 1]);
    await stations().load('things', run);
    const found = await sql`select id, more from target_partition.things_20170130 order by id`.execute(
      database.admin,
    );
    expect(found.rows).toEqual([
      { id: 'a', more: null },
      { id: 'b', more: 2 },
    ]);
  });

  test('is not made of a table that is there, nor the other way round', async () => {
    await deployThings('');
    await expect(deployThings('partitioning: {by: day, column: day}')).rejects.toThrow(
      'models/silver/things.sql: silver.things is not partitioned and its header asks for one that is partitioned by day of day. ' +
        'Rows are not moved by themselves: give the model another name, or build it anew: drop table silver.things, changes.things cascade;',
    );
    await sql`drop table silver.things, changes.things cascade`.execute(database.admin);
    await deployThings('partitioning: {by: day, column: day}');
    await deployThings('partitioning: {by: day, column: day}');
    for (const other of ['', 'partitioning: {by: month, column: day}'])
      await expect(deployThings(other)).rejects.toThrow(
        'silver.things is partitioned by day of day and its header',
      );
  });

  test('of another type is refused', async () => {
    await expect(deployThings('partitioning: {by: day, column: day}', 'n')).rejects.toThrow(
      'models/silver/things.sql: partitioning by day, which is integer. Partition by a date or a timestamp.',
    );
  });
});

test("a merge looks up the candidate's rows in their own partitions and reads no other", async () => {
  await deployThings('partitioning: {by: day, column: day}');
  await sql`insert into bronze.raw_things (id, at, n, _source, _revision, _load, _position, _record_hash)
    select i::text, timestamp '2017-01-01' + i % 20 * interval '1 day', 1, 'f', 1, 1, i, md5('')::uuid
    from generate_series(1, 20000) as i`.execute(database.admin);
  await stations().load('things', run);
  await sql`vacuum analyze`.execute(database.admin);
  await sql`insert into bronze.raw_things (id, at, n, _source, _revision, _load, _position, _record_hash)
    select i::text, timestamp '2017-01-03', 2, 'f', 1, 2, i, md5('')::uuid from generate_series(2, 20000, 20) as i`.execute(
    database.admin,
  );
  const { loadId } = await stations().openWindow('things', run);
  await stations().stage({ loadId, run });
  const { candidate } = await database.admin
    .selectFrom('control.load')
    .select('candidate')
    .where('load_id', '=', loadId)
    .executeTakeFirstOrThrow();
  const { model } = await readPublishedModel(files, 'things');
  const { rows: plans } = await database.databases.publisher.transaction().execute(async (trx) => {
    await followCandidate(trx);
    const columns = (await readTarget(trx, model)).columns.map(({ name }) => name);
    const merge = mergeCandidate(
      { model, candidate: candidate ?? '', loadId, quarantined: false, columns },
      null,
    );
    // As text: of a MERGE into several partitions the server's JSON is broken.
    return sql<{
      'QUERY PLAN': string;
    }>`explain (analyze, costs off, timing off, summary off) ${merge}`.execute(trx);
  });
  const scans = plans.flatMap(({ 'QUERY PLAN': line }) => {
    const [, kind, table] = /(\w+(?: \w+)? Scan)(?: using \S+)? on (things_\d+) /.exec(line) ?? [];
    return kind === undefined || line.includes('never executed') ? [] : [`${kind} on ${table}`];
  });
  expect(scans).toEqual(['Index Scan on things_20170103']);
});
