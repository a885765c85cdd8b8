import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deployModels } from '../../activities/deploy.ts';
import { readRepository } from '../../activities/repository.ts';
import type { RepositoryFolders } from '../../activities/repository.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { runOf, stationsOf } from './shop.ts';
import type { Stations } from './shop.ts';

const described = 'owner: o\ndescription: d\ngrain: g\nschedule: daily';
const ungated = 'gate: none\ngate_reason: a test';

const SOURCE = `/*
kind: source
${described}
reader: table
settings: {relation: operational.things, key: [id]}
columns:
  id: {type: text, description: d}
  half: {type: integer, description: d}
  size: {type: integer, description: d}
*/`;
const HISTORY = `/*
kind: history
${described}
unique_key: [id, half]
${ungated}
columns:
  valid_to: {description: Until when it stood}
*/
select id, half, size, now() as last_updated from bronze.raw_things`;
/** Counts how often a thing has changed: reads the delta of a history. */
const READER = `/*
kind: incremental
${described}
unique_key: [id]
${ungated}
touched: {things_history: select id from delta.things_history}
*/
select id, count(*) as versions
from touched.thing_versions join gold.things_history using (id) group by id`;

let folder: string;
let files: RepositoryFolders;
let database: FreshDatabase;
let stations: Stations;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-history-'));
  files = { modelsFolder: join(folder, 'models'), suitesFolder: join(folder, 'suites') };
  for (const layer of ['bronze', 'gold']) await mkdir(join(files.modelsFolder, layer), { recursive: true });
  await mkdir(files.suitesFolder);
  await writeFile(join(files.modelsFolder, 'bronze', 'raw_things.sql'), SOURCE);
  await writeFile(join(files.modelsFolder, 'gold', 'things_history.sql'), HISTORY);
  await writeFile(join(files.modelsFolder, 'gold', 'thing_versions.sql'), READER);
  database = await freshDatabase();
  await deployModels(database.admin, await readRepository(files));
  stations = stationsOf(database.databases, async () => false, files);
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});
beforeEach(forget);

/** As if nothing had been loaded yet. */
async function forget(): Promise<void> {
  await sql`truncate bronze.raw_things, gold.things_history, gold.thing_versions, changes.things_history,
    changes.thing_versions, control.watermark, control.lease, control.target`.execute(database.admin);
  await sql`delete from control.load`.execute(database.admin);
}

/** What the source says: a thing's size, which may be unknown, by its id. */
type State = Readonly<Record<string, number | null>>;

const day = (number: number): string => new Date(Date.UTC(2017, 0, 1, 0, 0, 0, number)).toISOString();
const run = runOf('reader');
let runs = 0;

async function says(state: State): Promise<void> {
  await sql`truncate bronze.raw_things`.execute(database.admin);
  await sql`
    insert into bronze.raw_things (id, half, size, _source, _revision, _load, _position, _record_hash)
    select id, 1, size, 't', 1, 1, 0, md5(id)::uuid from jsonb_each(${JSON.stringify(state)}::jsonb) as e (id, value),
      lateral (select (value #>> '{}')::integer as size) as given`.execute(database.admin);
}

async function record(state: State, asOf: string) {
  await says(state);
  runs += 1;
  return stations.load('things_history', runOf(`history-${runs}`), { asOf, pipeline: 'daily' });
}

async function at(asOf: string): Promise<State> {
  const { rows } = await sql<{ id: string; size: number | null }>`
    select id, size from gold.things_history
    where valid_from <= ${asOf}::timestamptz and (valid_to is null or valid_to > ${asOf}::timestamptz) order by id`.execute(
    database.admin,
  );
  expect(new Set(rows.map(({ id }) => id)).size, `one version of each thing at ${asOf}`).toBe(rows.length);
  return Object.fromEntries(rows.map(({ id, size }) => [id, size]));
}

async function versions(): Promise<readonly string[]> {
  const { rows } = await sql<{ version: string }>`
    select concat_ws(' ', id, coalesce(size::text, '-'), extract(milliseconds from valid_from)::int, '–',
      extract(milliseconds from valid_to)::int) as version
    from gold.things_history order by id, valid_from`.execute(database.admin);
  return rows.map(({ version }) => version);
}

/** All that a load may write, with the transaction that wrote it. */
async function written(): Promise<unknown> {
  const { rows } = await sql`
    select (select jsonb_agg(to_jsonb(h) order by id, valid_from) from gold.things_history as h) as history,
      (select count(*)::int from changes.things_history) as changes`.execute(database.admin);
  return rows[0];
}

describe('a history', () => {
  test('closes what differs, opens what is new, and keeps what went away', async () => {
    expect(await record({ a: 1, b: 1, c: 1 }, day(1))).toMatchObject({ inserted: 3, updated: 0, deleted: 0 });
    expect(await record({ a: 1, b: 2, d: 1 }, day(2))).toMatchObject({
      inserted: 1,
      updated: 1,
      unchanged: 1,
      deleted: 1,
    });
    expect(await record({ a: 1, b: 2, c: 1 }, day(3))).toMatchObject({ inserted: 1, updated: 0, deleted: 1 });
    expect(await versions()).toEqual([
      'a 1 1 –',
      'b 1 1 – 2',
      'b 2 2 –',
      'c 1 1 – 2',
      'c 1 3 –',
      'd 1 2 – 3',
    ]);
  });

  test('tells an unknown value from none, and takes no notice of when a row was made', async () => {
    await record({ a: null, b: 0 }, day(1));
    expect(await record({ a: null, b: 0 }, day(2))).toMatchObject({ unchanged: 2, updated: 0 });
    expect(await record({ a: 0, b: null }, day(3))).toMatchObject({ updated: 2 });
  });

  test('of an empty table and of one that lost all is right too', async () => {
    expect(await record({}, day(1))).toMatchObject({ inserted: 0, deleted: 0 });
    await record({ a: 1 }, day(2));
    expect(await record({}, day(3))).toMatchObject({ deleted: 1 });
    expect(await versions()).toEqual(['a 1 2 – 3']);
  });

  test('is written nothing by a replay, at whatever time', async () => {
    await record({ a: 1, b: 1 }, day(1));
    await record({ a: 2 }, day(5));
    const before = await written();
    for (const time of [day(5), day(3), day(9)])
      expect(await record({ a: 2 }, time)).toMatchObject({
        inserted: 0,
        updated: 0,
        deleted: 0,
        unchanged: 1,
      });
    expect(await written()).toEqual(before);
  });

  test.each([
    ['another version', { a: 2 }],
    ['a new key', { a: 1, b: 1 }],
    ['a key less', {}],
  ])(
    'is not written backwards: %s as of an earlier time is refused before it is staged',
    async (_, state) => {
      await record({ a: 1 }, day(1));
      await record({ a: 1 }, day(5)); // Changes nothing, and says that nothing had changed.
      await says(state);
      const late = runOf('late');
      const { loadId } = await stations.openWindow('things_history', late, {
        asOf: day(5),
        pipeline: 'daily',
      });
      await expect(stations.stage({ loadId, run: late })).rejects.toThrow(
        /things_history is known up to 2017-01-01T00:00:00.005Z, and 1 of its keys .* not written backwards/,
      );
      const { rows } = await sql`
      select state, candidate from control.load where load_id = ${loadId}`.execute(database.admin);
      expect(rows).toEqual([{ state: 'open', candidate: null }]);
      expect(await versions()).toEqual(['a 1 1 –']);
    },
  );

  test('keeps what it closes for those who read its delta', async () => {
    await record({ a: 1, b: 1 }, day(1));
    expect(await stations.load('thing_versions', run)).toMatchObject({ inserted: 2 });
    await record({ a: 2 }, day(2));
    const { rows } = await sql`
      select id, size, valid_to from changes.things_history order by id`.execute(database.admin);
    expect(rows).toEqual([
      { id: 'a', size: 1, valid_to: null },
      { id: 'b', size: 1, valid_to: null },
    ]);
    expect(await stations.load('thing_versions', run)).toMatchObject({ inserted: 0, updated: 1 });
    const counted = await sql`select id, versions from gold.thing_versions order by id`.execute(
      database.admin,
    );
    expect(counted.rows).toEqual([
      { id: 'a', versions: 2 },
      { id: 'b', versions: 1 },
    ]);
    // The delta has what was closed, of both things, and what was opened.
    const read =
      await sql`select rows_read from control.load where model = 'thing_versions' order by load_id`.execute(
        database.admin,
      );
    expect(read.rows).toEqual([{ rows_read: 2 }, { rows_read: 3 }]);
  });

  test('has an index for its current rows and one for its versions, and no version that ends before it begins', async () => {
    const { rows } = await sql<{ index: string }>`
      select regexp_replace(indexdef, '^.* ON ', '') as index from pg_indexes
      where schemaname = 'gold' and tablename = 'things_history' and indexdef like '%UNIQUE%' order by 1`.execute(
      database.admin,
    );
    expect(rows.map(({ index }) => index)).toEqual([
      'gold.things_history USING btree (id, half) WHERE (valid_to IS NULL)',
      'gold.things_history USING btree (id, half, valid_from)',
    ]);
    const backwards = sql`insert into gold.things_history (id, half, valid_from, valid_to)
      values ('x', 1, '2017-01-02', '2017-01-02')`.execute(database.admin);
    await expect(backwards).rejects.toThrow(/check constraint/);
  });

  test('deployed again is left as it is', async () => {
    await record({ a: 1 }, day(1));
    await deployModels(database.admin, await readRepository(files));
    expect(await versions()).toEqual(['a 1 1 –']);
    expect(await record({ a: 2 }, day(2))).toMatchObject({ updated: 1 });
  });
});

const state = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.option(fc.integer({ min: 0, max: 2 }), { nil: null }),
  { maxKeys: 4, noNullPrototype: true },
);
/** How long after the newest run, in milliseconds; not at all, or before it, in some. */
const step = fc.integer({ min: -2, max: 5 });

test(
  'whatever came when: the history says of every time what the source said then',
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ state, step }), { minLength: 1, maxLength: 7 }),
        async (sequence) => {
          await forget();
          const told: { readonly time: number; readonly state: State }[] = [];
          for (const { state, step } of sequence) {
            const last = told.at(-1);
            const time = last === undefined ? 10 : last.time + step;
            const isLater = last === undefined || step > 0;
            const done = await record(state, day(time)).catch((error: unknown) => error);
            if (isLater) {
              expect(done).toMatchObject({ state: 'published' });
              told.push({ time, state });
            } else if (sameState(last.state, state))
              expect(done).toMatchObject({ inserted: 0, updated: 0, deleted: 0 });
            else expect(done).toMatchObject({ type: 'InvalidInput' });
          }
          const end = told.at(-1)?.time ?? 0;
          for (let time = 8; time <= end + 2; time += 1) {
            const known = told.findLast((one) => one.time <= time);
            expect(await at(day(time)), `at ${time}`).toEqual(known?.state ?? {});
          }
          await expectNoNeedlessVersion();
        },
      ),
      { numRuns: Number(process.env['HISTORY_RUNS'] ?? 25) },
    );
  },
);

function sameState(a: State, b: State): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => key in a && key in b && a[key] === b[key]);
}

/** Two versions of a key, the one ending where the other begins, say different things; and none lies in another. */
async function expectNoNeedlessVersion(): Promise<void> {
  const { rows } = await sql`
    select a.id from gold.things_history as a join gold.things_history as b
      on b.id = a.id and b.valid_from > a.valid_from
    where (b.valid_from = a.valid_to and a.size is not distinct from b.size)
      or a.valid_to is null or b.valid_from < a.valid_to`.execute(database.admin);
  expect(rows).toEqual([]);
}
