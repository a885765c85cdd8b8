import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Json } from '../../../expectations/json.ts';
import { summary } from '../../../expectations/result-format.ts';
import type { ResultFormat } from '../../../expectations/result-format.ts';
import { expectation, suiteOf } from '../../expectations/suite-text.ts';
import { freshDatabase } from '../../setup/database.ts';
import type { FreshDatabase } from '../../setup/database.ts';
import { askTable, measuring, watchedDatabase } from './own-table.ts';
import type { WatchedDatabase } from './own-table.ts';

/** Without samples: only what measures is counted. */
const booleanOnly: ResultFormat = { ...summary, level: 'BOOLEAN_ONLY' };

let database: FreshDatabase;
let watched: WatchedDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
  watched = watchedDatabase(database.adminUrl);
});
beforeEach(() => {
  watched.sent.length = 0;
});
afterAll(async () => {
  await watched.close();
  await database.drop();
});

/** A table of whole numbers c0, c1, …: each row has its own number in all of them. */
async function makeTable(name: string, columns: number, rows: number): Promise<void> {
  const list = Array.from({ length: columns }, (_, place) => sql`n as ${sql.id(`c${place}`)}`);
  await sql`create table ${sql.id(name)} as select ${sql.join(list)} from generate_series(1, ${sql.raw(String(rows))}) n`.execute(
    database.admin,
  );
}

test('500 expectations over 60 columns are one scan', async () => {
  await makeTable('sixty', 60, 200);
  const asked = Array.from({ length: 500 }, (_, place): Json => {
    const column = `c${place % 60}`;
    const bounds = { column, min_value: 1, max_value: place };
    return place % 3 === 0
      ? expectation('expect_column_values_to_not_be_null', { column })
      : expectation('expect_column_values_to_be_between', bounds);
  });
  const { judged } = await askTable(watched.db, suiteOf(asked), {
    relation: ['public', 'sixty'],
    format: booleanOnly,
  });
  expect(measuring(watched.sent)).toHaveLength(1);
  expect(judged.map(({ success }) => success)).toEqual(
    asked.map((_, place) => place % 3 === 0 || place >= 200),
  );
});

test('a table of 300 columns with six promises each is two scans', async () => {
  await makeTable('wide', 300, 50);
  const asked = Array.from({ length: 300 }, (_, place) => {
    const column = `c${place}`;
    const between = [10, 20, 50].map((max_value) =>
      expectation('expect_column_values_to_be_between', { column, max_value }),
    );
    return [
      ...between,
      expectation('expect_column_values_to_not_be_null', { column }),
      expectation('expect_column_max_to_be_between', { column, max_value: 49 }),
      expectation('expect_column_values_to_be_in_set', { column, value_set: [place] }),
    ];
  }).flat();
  const { judged } = await askTable(watched.db, suiteOf(asked), {
    relation: ['public', 'wide'],
    format: booleanOnly,
  });
  expect(measuring(watched.sent)).toHaveLength(2);
  expect(judged.filter(({ success }) => success)).toHaveLength(2 * 300);
  expect(judged.filter(({ error }) => error !== null)).toEqual([]);
});

test('sets of 100,000 entries are bound as one array each, and one that several ask for once', async () => {
  await makeTable('set', 2, 1000);
  const value_set = Array.from({ length: 100_000 }, (_, place) => place + 2);
  const { judged } = await askTable(
    watched.db,
    suiteOf([
      expectation('expect_column_values_to_be_in_set', { column: 'c0', value_set }),
      expectation('expect_column_values_to_be_in_set', { column: 'c0', value_set, mostly: 0.9 }),
      expectation('expect_column_values_to_not_be_in_set', { column: 'c1', value_set }),
      expectation('expect_column_distinct_values_to_be_in_set', { column: 'c1', value_set }),
    ]),
    { relation: ['public', 'set'], format: booleanOnly },
  );
  const [statement = '', ...more] = measuring(watched.sent);
  expect(more).toEqual([]);
  expect(statement.match(/<> all\(\$\d+/g)?.length).toBeLessThan(5);
  expect(judged.map(({ success }) => success)).toEqual([false, true, false, false]);
  expect(judged.map(({ judgement }) => judgement?.unexpectedCount)).toEqual([1, 1, 999, null]);
});

test('what binds more values than Postgres takes fails alone, and says so', async () => {
  await sql`create table texts as select 'a' as t`.execute(database.admin);
  const like_pattern_list = Array.from({ length: 70_000 }, (_, place) => `x${place}`);
  const { judged } = await askTable(
    watched.db,
    suiteOf([
      expectation('expect_column_values_to_match_like_pattern_list', { column: 't', like_pattern_list }),
      expectation('expect_column_values_to_not_be_null', { column: 't' }),
    ]),
    { relation: ['public', 'texts'], format: booleanOnly },
  );
  expect(judged.map(({ success, error }) => error?.reason ?? success)).toEqual([
    'it binds more than 65000 values',
    true,
  ]);
});

test('a suite of 10 MB is read whole and asked in few scans', async () => {
  await makeTable('large', 2, 20);
  const notes = 'why this is promised. '.repeat(40);
  const asked = Array.from({ length: 12_000 }, (_, place) => ({
    ...expectation('expect_column_values_to_be_between', { column: `c${place % 2}`, max_value: place }),
    notes,
  }));
  expect(JSON.stringify(asked).length).toBeGreaterThan(10_000_000);
  const { judged } = await askTable(watched.db, suiteOf(asked), {
    relation: ['public', 'large'],
    format: booleanOnly,
  });
  // Each has a number of its own: as many statements as their target lists need.
  expect(measuring(watched.sent).length).toBeLessThanOrEqual(Math.ceil(asked.length / 1_600) + 1);
  expect(judged.map(({ success }) => success)).toEqual(asked.map((_, place) => place >= 20));
}, 60_000);
