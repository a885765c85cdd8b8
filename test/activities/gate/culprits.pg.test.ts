import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { findCulprits } from '../../../activities/gate/find-culprits.ts';
import type { Json } from '../../../expectations/json.ts';
import { expectation, suiteOf } from '../../expectations/suite-text.ts';
import { freshDatabase } from '../../setup/database.ts';
import type { FreshDatabase } from '../../setup/database.ts';
import { askTable, measuring, watchedDatabase } from './own-table.ts';
import type { WatchedDatabase } from './own-table.ts';

let database: FreshDatabase;
let watched: WatchedDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
  watched = watchedDatabase(database.adminUrl, 5, '-c statement_timeout=3000');
  await sql`create table numbers as select n as id, n::text as t, md5(n::text) || md5('a' || n) || md5('b' || n) as long from generate_series(1, 100) n`.execute(
    database.admin,
  );
});
beforeEach(() => {
  watched.sent.length = 0;
});
afterAll(async () => {
  await watched.close();
  await database.drop();
});

const relation = ['public', 'numbers'] as const;
const query = (text: string): Json =>
  expectation('unexpected_rows_expectation', { unexpected_rows_query: text });

/** So many that hold, with others put at places of theirs. */
function suiteWith(count: number, others: Readonly<Record<number, Json>>): ReturnType<typeof suiteOf> {
  return suiteOf(
    Array.from(
      { length: count },
      (_, place) =>
        others[place] ??
        expectation('expect_column_values_to_be_between', { column: 'id', max_value: 100 + place }),
    ),
  );
}

async function outcomes(suite: ReturnType<typeof suiteOf>): Promise<readonly (boolean | string)[]> {
  const { judged } = await askTable(watched.db, suite, { relation });
  return judged.map(({ success, error }) => error?.reason ?? success);
}

test('what the planner refuses is found without a scan', async () => {
  const regex = (column: string, pattern: string): Json =>
    expectation('expect_column_values_to_match_regex', { column, regex: pattern });
  const found = await outcomes(
    suiteWith(60, { 7: regex('id', 'a'), 41: query('select nothing from {batch}') }),
  );
  expect(
    found.map((one, place) => (one === true ? null : [place, one])).filter((one) => one !== null),
  ).toEqual([
    [7, 'SQLSTATE 42883, the types do not fit'],
    [41, 'SQLSTATE 42703, a column is not there'],
  ]);
  // The first, which failed, and the one without those two.
  expect(measuring(watched.sent)).toHaveLength(2);
});

test('what fails when it runs is found by halves: two of sixty in a score of statements, not in sixty', async () => {
  const found = await outcomes(
    suiteWith(60, {
      7: query('select 1 / (id - 50) from {batch}'),
      41: query("select (t || repeat('0', 20))::integer from {batch}"),
    }),
  );
  expect(
    found.map((one, place) => (one === true ? null : [place, one])).filter((one) => one !== null),
  ).toEqual([
    [7, 'SQLSTATE 22012'],
    [41, 'SQLSTATE 22003, a number is out of range'],
  ]);
  expect(measuring(watched.sent).length).toBeLessThanOrEqual(20);
});

test.each([
  ['a query that never ends', { 12: query('select pg_sleep(60) from {batch}') }],
  [
    'a regular expression that never ends',
    {
      12: expectation('expect_column_values_to_match_regex', {
        column: 'long',
        regex: String.raw`^(.+)(.+)(.+)(.+)\4\3\2\1$`,
      }),
    },
  ],
])('%s is an error, and the others report', async (_, hostile) => {
  const found = await outcomes(suiteWith(20, hostile));
  expect(found.flatMap((one, place) => (one === true ? [] : [[place, one]]))).toEqual([
    [12, 'SQLSTATE 57014, it took longer than the statement timeout'],
  ]);
});

test('many that never end take no longer than one: the time is divided, and ends', async () => {
  const never = (n: number): Json => query(`select pg_sleep(60 + ${n}) from {batch}`);
  const hostile = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [2 * n, never(n)]));
  const found = await outcomes(suiteWith(40, hostile));
  expect(found.filter((one) => one !== true).length).toBeGreaterThanOrEqual(20);
  // The one before, and two timeouts in shares of a sixth each.
  expect(watched.sent.filter((text) => text.includes('pg_sleep')).length).toBeLessThanOrEqual(1 + 13);
});

test('those that only together take too long are asked apart', async () => {
  const nap = (n: number): Json =>
    query(`select from (select pg_sleep(1.8 + ${n} * 0)::text as slept offset 0) as nap where slept <> ''`);
  expect(await outcomes(suiteOf([0, 1].map(nap)))).toEqual([true, true]);
  // Together, each alone, and the rows of the batch, which neither has counted.
  expect(measuring(watched.sent)).toHaveLength(4);
});

test('every failing subset is found', async () => {
  const asker = { divideTime: () => Promise.resolve(), restoreTime: () => Promise.resolve() };
  for (let bad = 1; bad < 64; bad += 1) {
    const isBad = (place: number): boolean => (bad >> place) % 2 === 1;
    const answered = new Set<number>();
    const found = await findCulprits(asker, [0, 1, 2, 3, 4, 5], failure('all'), (some) => {
      const culprit = some.find(isBad);
      if (culprit !== undefined) return Promise.resolve(failure(`of ${culprit}`));
      for (const one of some) answered.add(one);
      return Promise.resolve({ answer: null });
    });
    expect([...found.keys(), ...answered].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...found.keys()].every(isBad)).toBe(true);
  }
});

function failure(reason: string): { error: { reason: string; message: string }; late: boolean } {
  return { error: { reason, message: reason }, late: false };
}
