import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deployModels } from '../../activities/deploy.ts';
import { readRepository } from '../../activities/repository.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { runOf } from './shop.ts';
import type { Stations } from './shop.ts';
import { openThings } from './things.ts';
import type { State, Things } from './things.ts';

let things: Things;
let database: FreshDatabase;
let stations: Stations;
beforeAll(async () => {
  things = await openThings();
  ({ database, stations } = things);
});
afterAll(() => things.close());
beforeEach(() => things.forget());

const day = (number: number): string => new Date(Date.UTC(2017, 0, 1, 0, 0, 0, number)).toISOString();
const run = runOf('reader');

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

/** What the quarantine station does with a row of a candidate. */
async function setAside(loadId: number, id: string): Promise<void> {
  const { admin } = database;
  const load = await sql<{ candidate: string }>`
    update control.load set rows_quarantined = 1, rows_staged = rows_staged - 1 where load_id = ${loadId}
    returning candidate`.execute(admin);
  const candidate = sql.table(`candidate.${load.rows[0]?.candidate ?? ''}`);
  await sql`
    with taken as (delete from ${candidate} as c where id = ${id} returning to_jsonb(c) as record)
    insert into control.batch_quarantine (load_id, attempt, model, gate, suite, verdict_id, evaluation_id, expectations, reason,
      record, workflow_id, run_id)
    select ${loadId}::bigint, 1, 'things_history', 'output', 's', gen_random_uuid(), 1, '{0}', 'a test', record, 'aside', 'r'
    from taken`.execute(admin);
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
    expect(await things.record({ a: 1, b: 1, c: 1 }, day(1))).toMatchObject({
      inserted: 3,
      updated: 0,
      deleted: 0,
    });
    expect(await things.record({ a: 1, b: 2, d: 1 }, day(2))).toMatchObject({
      inserted: 1,
      updated: 1,
      unchanged: 1,
      deleted: 1,
    });
    expect(await things.record({ a: 1, b: 2, c: 1 }, day(3))).toMatchObject({
      inserted: 1,
      updated: 0,
      deleted: 1,
    });
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
    await things.record({ a: null, b: 0 }, day(1));
    expect(await things.record({ a: null, b: 0 }, day(2))).toMatchObject({ unchanged: 2, updated: 0 });
    expect(await things.record({ a: 0, b: null }, day(3))).toMatchObject({ updated: 2 });
  });

  test('of an empty table and of one that lost all is right too', async () => {
    expect(await things.record({}, day(1))).toMatchObject({ inserted: 0, deleted: 0 });
    await things.record({ a: 1 }, day(2));
    expect(await things.record({}, day(3))).toMatchObject({ deleted: 1 });
    expect(await versions()).toEqual(['a 1 2 – 3']);
  });

  test('is written nothing by a replay, at whatever time', async () => {
    await things.record({ a: 1, b: 1 }, day(1));
    await things.record({ a: 2 }, day(5));
    const before = await written();
    for (const time of [day(5), day(3), day(9)])
      expect(await things.record({ a: 2 }, time)).toMatchObject({
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
      await things.record({ a: 1 }, day(1));
      await things.record({ a: 1 }, day(5)); // Changes nothing, and says that nothing had changed.
      await things.says(state);
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
    await things.record({ a: 1, b: 1 }, day(1));
    expect(await stations.load('thing_versions', run)).toMatchObject({ inserted: 2 });
    await things.record({ a: 2 }, day(2));
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

  test('lets the version stand whose next one was set aside: that it was bad does not say that it is gone', async () => {
    await things.record({ a: 1, b: 1 }, day(1));
    await things.says({ a: 2, b: 2 });
    const aside = runOf('aside');
    const { loadId } = await stations.openWindow('things_history', aside, {
      asOf: day(2),
      pipeline: 'daily',
    });
    const { attempt } = await stations.stage({ loadId, run: aside });
    await setAside(loadId, 'b');
    expect(await stations.publish({ loadId, run: aside, attempt })).toMatchObject({
      updated: 1,
      deleted: 0,
      quarantined: 1,
    });
    expect(await versions()).toEqual(['a 1 1 – 2', 'a 2 2 –', 'b 1 1 –']);
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
    await things.record({ a: 1 }, day(1));
    await deployModels(database.admin, await readRepository(things.files));
    expect(await versions()).toEqual(['a 1 1 –']);
    expect(await things.record({ a: 2 }, day(2))).toMatchObject({ updated: 1 });
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
          await things.forget();
          const told: { readonly time: number; readonly state: State }[] = [];
          for (const { state, step } of sequence) {
            const last = told.at(-1);
            const time = last === undefined ? 10 : last.time + step;
            const isLater = last === undefined || step > 0;
            const done = await things.record(state, day(time)).catch((error: unknown) => error);
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
