import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Evaluation } from '../../../activities/gate/evaluate.ts';
import type { Json } from '../../../expectations/json.ts';
import { expectation, suiteOf } from '../../expectations/suite-text.ts';
import { freshDatabase } from '../../setup/database.ts';
import type { FreshDatabase } from '../../setup/database.ts';
import { askTable } from './own-table.ts';
import { setUp } from './proving.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
  await setUp(
    database.admin,
    `create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
    'create domain loose_text as text collate loose',
    'create domain share as real',
  );
});
afterAll(() => database.drop());

/** Values of each type, some of them equal though they are written otherwise. */
const VALUES: Readonly<Record<string, readonly [type: string, ...values: string[]]>> = {
  words: ['text', 'a', 'A', 'a ', 'é'],
  loose: ['text collate loose', 'a', 'A', 'b'],
  tag: ['loose_text', 'a', 'A', 'b'],
  padded: ['char(3)', 'a', 'a ', 'b'],
  code: ['char(3) collate loose', 'a', 'A ', 'b'],
  whole: ['integer', '1', '2', '-1'],
  money: ['numeric', '1.0', '1.00', '2', 'NaN', '1e300'],
  real: ['double precision', '0', '-0', 'NaN', 'Infinity', '1e300'],
  small: ['real', '0', '-0', 'NaN', '0.1', '0.1000000015'],
  share: ['share', '0', '-0', 'NaN', '0.1'],
  day: ['date', '2017-01-01', '2017-01-02', 'infinity', '0044-03-15 BC'],
  moment: ['timestamptz', '2017-01-01 00:00+00', '2017-01-01 01:00+01', '2017-01-02 00:00+00'],
  clock: ['timestamp', '2017-01-01 00:00', 'infinity', '-infinity', '0044-03-15 00:00 BC'],
  truth: ['boolean', 'true', 'false'],
  id: ['uuid', '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002'],
  span: ['interval', '1 day', '24 hours', '2 days'],
};
const NAMES = Object.keys(VALUES);

const anyRow = fc.tuple(
  ...Object.values(VALUES).map(([, ...values]) => fc.option(fc.constantFrom(...values), { nil: null })),
);

const anyExpectation: fc.Arbitrary<Json> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        'expect_column_values_to_be_unique',
        'expect_column_values_to_not_be_null',
        'expect_column_unique_value_count_to_be_between',
        'expect_column_max_to_be_between',
        'expect_column_median_to_be_between',
      ),
      fc.constantFrom(...NAMES, 'gone'),
      fc.option(fc.constant({ type: 'nullity', column: { name: 'whole' }, is_null: false }), { nil: null }),
    )
    .map(([type, column, row_condition]) => expectation(type, { column, row_condition })),
  fc
    .subarray(NAMES, { minLength: 2, maxLength: 3 })
    .map((column_list) => expectation('expect_compound_columns_to_be_unique', { column_list })),
  fc
    .constantFrom(
      'select 1 / (whole - 1) from {batch}',
      'select nothing from {batch}',
      "select from {batch} where words = 'a'",
    )
    .map((text) => expectation('unexpected_rows_expectation', { unexpected_rows_query: text })),
  fc.constant(expectation('expect_column_values_to_match_regex', { column: 'whole', regex: '1' })),
  fc.constant(expectation('expect_column_values_to_match_regex', { column: 'words', regex: '([' })),
);

function told({ judged }: Evaluation): readonly unknown[] {
  return judged.map(({ judgement, error }) => error?.reason ?? judgement);
}

async function makeTable(rows: readonly (readonly (string | null)[])[]): Promise<void> {
  const columns = Object.entries(VALUES).map(([name, [type]]) => sql`${sql.id(name)} ${sql.raw(type)}`);
  await sql`drop table if exists any_rows`.execute(database.admin);
  await sql`create table any_rows (${sql.join(columns)})`.execute(database.admin);
  for (const row of rows) await sql`insert into any_rows values (${sql.join(row)})`.execute(database.admin);
}

test('together, on two connections, and each alone: the same numbers', async () => {
  const relation = ['public', 'any_rows'] as const;
  const pool = database.admin;
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyExpectation, { minLength: 1, maxLength: 10 }),
      fc.array(anyRow, { maxLength: 8 }),
      async (asked, rows) => {
        await makeTable(rows);
        const together = told(await askTable(pool, suiteOf(asked), { relation }));
        const beside = { pool, settings: [], manyRows: 0 };
        expect(told(await askTable(pool, suiteOf(asked), { relation, beside }))).toEqual(together);
        for (const [place, one] of asked.entries()) {
          const alone = await askTable(pool, suiteOf([one]), { relation });
          expect(told(alone)).toEqual([together[place]]);
        }
      },
    ),
    { numRuns: 25 },
  );
});

test('rows of repeated values are as many as GROUP BY counts', async () => {
  const relation = ['public', 'any_rows'] as const;
  const sets = [
    ...NAMES.map((name) => [name]),
    ...NAMES.map((name, n) => [name, NAMES[(n + 3) % NAMES.length] ?? name]),
  ];
  const suite = suiteOf(
    sets.map(([column = '', ...more]) =>
      more.length === 0
        ? expectation('expect_column_values_to_be_unique', { column })
        : expectation('expect_compound_columns_to_be_unique', { column_list: [column, ...more] }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(anyRow, { minLength: 2, maxLength: 12 }), async (rows) => {
      await makeTable(rows);
      const { judged, samples } = await askTable(database.admin, suite, { relation });
      for (const [place, names] of sets.entries()) {
        const list = sql.join(names.map((name) => sql.id(name)));
        const counted = await sql<{ n: number }>`
          select coalesce(sum(n), 0)::bigint as n from (select count(*) as n from any_rows
          where num_nulls(${list}) = 0 group by ${list} having count(*) > 1) as repeated`.execute(
          database.admin,
        );
        expect([names, judged[place]?.judgement?.unexpectedCount]).toEqual([names, counted.rows[0]?.n]);
        expect([names, samples.get(place)?.length ?? 0]).toEqual([names, counted.rows[0]?.n]);
      }
    }),
    { numRuns: 15 },
  );
});
