import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../expectations/json.ts';
import { expectation, suiteOf } from '../../expectations/suite-text.ts';
import { freshDatabase } from '../../setup/database.ts';
import type { FreshDatabase } from '../../setup/database.ts';
import { askRelation, emptySchema, prove, setUp } from './proving.ts';
import type { Question } from './proving.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
});
beforeEach(() => emptySchema(database.admin));
afterAll(() => database.drop());

const about =
  (type: string) =>
  (column: string, kwargs: JsonObject = {}, more: JsonObject = {}): JsonObject =>
    expectation(type, { column, ...kwargs }, more);
const unique = about('expect_column_values_to_be_unique');
const present = about('expect_column_values_to_not_be_null');
const between = about('expect_column_values_to_be_between');
const inSet = about('expect_column_values_to_be_in_set');
const lengths = about('expect_column_value_lengths_to_be_between');
const different = about('expect_column_unique_value_count_to_be_between');
const together = (...column_list: string[]): JsonObject =>
  expectation('expect_compound_columns_to_be_unique', { column_list });

/** A promise, what makes it certain, and how that is called. */
type Case = [proof: string, promise: JsonObject, statements: readonly string[], question?: Question];

const table = (columns: string): string => `create table proofs.t (${columns})`;

test.each<Case>([
  ['constraint: NOT NULL of a', present('a'), [table('a int not null')]],
  ['constraint: NOT NULL of a', present('a'), [table('a int primary key')]],
  ['constraint: check t_a_check', present('a'), [table('a int check (a is not null)')]],
  [
    'constraint: check positive',
    between('a', { min_value: 0 }),
    [table('a int constraint positive check (a >= 0)')],
  ],
  [
    'constraint: check narrow',
    between('a', { min_value: 0, max_value: 100_000, mostly: 0.9 }),
    [table('a numeric(12,2) constraint narrow check (a between 1 and 500)')],
  ],
  [
    'constraint: check t_a_check',
    inSet('a', { value_set: ['x', 'y', 'z'] }),
    [table("a text check (a in ('x', 'y'))")],
  ],
  [
    'constraint: check t_a_check',
    lengths('a', { min_value: 1, max_value: 9 }),
    [table('a text check (length(a) between 1 and 3)')],
  ],
  [
    'constraint: check t_check',
    expectation('expect_column_pair_values_a_to_be_greater_than_b', { column_A: 'a', column_B: 'b' }),
    [table('a int, b int, check (a > b)')],
  ],
  [
    'constraint: check paid',
    between('a', {
      min_value: 0,
      row_condition: 'col("b") == "paid"',
      condition_parser: 'great_expectations',
    }),
    [table("a int, b text, constraint paid check (b <> 'paid' or a >= 0)")],
  ],
  ['constraint: unique index t_a_key', unique('a'), [table('a int unique')]],
  ['constraint: unique index t_a_b_key', unique('a'), [table('a int, b int, unique (a) include (b)')]],
  ['constraint: unique index t_a_key', unique('a'), [table('a int unique nulls not distinct')]],
  ['constraint: unique index t_pkey', together('b', 'a'), [table('a int, b int, primary key (a, b)')]],
  ['constraint: unique index t_a_key', together('a', 'b'), [table('a int unique, b int')]],
  ['constraint: unique index t_a_key', different('a', { max_value: 5 }), [table('a int unique')]],
  [
    'constraint: unique index t_a_key',
    about('expect_column_proportion_of_unique_values_to_be_between')('a', { max_value: 1 }),
    [table('a text unique')],
  ],
  [
    'constraint: unique index t_pkey',
    unique('a'),
    [
      'create table proofs.t (a int primary key) partition by range (a)',
      'create table proofs.t1 partition of proofs.t default',
    ],
  ],
  [
    'constraint: unique index t_a_idx',
    unique('a'),
    ['create materialized view proofs.t as select 1 as a', 'create unique index t_a_idx on proofs.t (a)'],
  ],
  [
    'constraint: bounds of partition t',
    between('a', { min_value: 0, max_value: 10 }),
    [
      'create table proofs.whole (a int) partition by range (a)',
      'create table proofs.t partition of proofs.whole for values from (0) to (10)',
    ],
  ],
  [
    'constraint: check s_a_check',
    between('b', { min_value: 0 }),
    ['create table proofs.s (a int check (a >= 0))', 'create view proofs.t as select a as b from proofs.s'],
  ],
  [
    'constraint: foreign key t_a_fkey',
    about('expect_column_values_to_exist_in_other_table')('a', { other_table: 'other', other_column: 'b' }),
    ['create table proofs.other (b text primary key)', table('a text references proofs.other')],
  ],
  [
    'statement: DISTINCT ON (a)',
    unique('a'),
    [
      'create schema candidate',
      'create table candidate.staged as select 1 as a',
      `comment on table candidate.staged is 'weir: one row a key [{"columns":["a"],"by":"DISTINCT ON (a)"}]'`,
    ],
    { schema: 'candidate', relation: 'staged' },
  ],
])('%s', async (proof, promise, statements, question) => {
  await setUp(database.admin, ...statements);
  expect(await prove(database.admin, promise, question)).toEqual({ success: true, proof });
});

describe('switched off', () => {
  const by = 'constraint: NOT NULL of a';
  const off = { weir: { proofs: false } };
  const on = { weir: { proofs: true } };
  test.each<[string, string | null, Partial<Question>, JsonObject, JsonObject]>([
    ['nowhere', by, {}, {}, {}],
    ['by who asks, whatever the suite says', null, { run: { proofs: false } }, { meta: on }, { meta: on }],
    ['by the suite', null, {}, { meta: off }, {}],
    ['by the expectation', null, {}, {}, { meta: off }],
    ['by the suite, but not by the expectation', by, {}, { meta: off }, { meta: on }],
  ])('%s', async (_, proof, question, suite, more) => {
    await setUp(database.admin, table('a int not null'));
    const { outcomes } = await askRelation(
      database.admin,
      suiteOf([present('a', {}, more)], suite),
      question,
    );
    expect(outcomes).toEqual([{ success: true, proof }]);
  });
});

test('a promise that Postgres cannot plan keeps no other from being proved', async () => {
  await setUp(database.admin, table('a int check (a >= 0), u uuid check (u is not null)'));
  const suite = suiteOf([inSet('u', { value_set: ['no uuid'] }), between('a', { min_value: 0 })]);
  const { outcomes } = await askRelation(database.admin, suite);
  expect(outcomes).toEqual([
    { success: false, proof: null },
    { success: true, proof: 'constraint: check t_a_check' },
  ]);
});

/** Columns of the property's table, and what may be said of each: not all of it holds for all rows. */
const constraints: readonly string[] = [
  'alter column a set not null',
  'add check (a >= 0)',
  'add check (a <= 3) not valid',
  'add check (a <> 2 or b is not null) not enforced',
  'add unique (a)',
  'add unique (a, b)',
  'add unique nulls not distinct (b)',
  'add unique (c) include (a)',
  'add unique (c) deferrable',
  "add check (c in ('x', 'y'))",
  'add check (b > a)',
  'add check (length(c) = 1 or a = 1)',
];
const promises: readonly JsonObject[] = [
  present('a'),
  present('b', { mostly: 0.5 }),
  about('expect_column_values_to_be_null')('b'),
  between('a', { min_value: 0 }),
  between('a', {
    min_value: 0,
    max_value: 3,
    row_condition: 'col("b") > 1',
    condition_parser: 'great_expectations',
  }),
  between('b', { max_value: 2, strict_max: true, mostly: 0.5 }),
  inSet('c', { value_set: ['x', 'y', 'zz'] }),
  lengths('c', { max_value: 1 }),
  ...['a', 'b', 'c'].map((column) => unique(column)),
  different('a', { min_value: 1 }),
  about('expect_column_proportion_of_unique_values_to_be_between')('c', { min_value: 0.6 }),
  together('a', 'b'),
  expectation('expect_compound_columns_to_be_unique', { column_list: ['b', 'c'], ignore_row_if: 'never' }),
  expectation('expect_compound_columns_to_be_unique', {
    column_list: ['a', 'b', 'c'],
    ignore_row_if: 'any_value_is_missing',
  }),
  expectation('expect_column_pair_values_a_to_be_greater_than_b', {
    column_A: 'b',
    column_B: 'a',
    ignore_row_if: 'neither',
  }),
  expectation('expect_multicolumn_sum_to_equal', { column_list: ['a', 'b'], sum_total: 3 }),
];
const cell = (...values: readonly string[]): fc.Arbitrary<string> => fc.constantFrom('null', ...values);
const row = fc.tuple(
  cell('-1', '0', '1', '2', '3'),
  cell('0', '1', '2', '4'),
  cell("'x'", "'y'", "'zz'", "''"),
);

test('with and without proofs a suite finds the same', async () => {
  let proved = 0;
  const property = fc.asyncProperty(
    fc.array(row, { maxLength: 5 }),
    fc.subarray([...constraints]),
    fc.constantFrom(null, 'b > 0'),
    async (rows, added, where) => {
      await emptySchema(database.admin);
      await setUp(database.admin, 'create table proofs.t (a int, b int, c text)');
      for (const cells of rows) await setUp(database.admin, `insert into proofs.t values (${cells.join()})`);
      // What the rows break cannot be added.
      for (const one of added) await setUp(database.admin, `alter table proofs.t ${one}`).catch(() => null);
      const batch = where === null ? {} : { where: sql.raw(where) };
      const suite = suiteOf(promises);
      const found = await askRelation(database.admin, suite, { batch });
      const measured = await askRelation(database.admin, suite, { batch, run: { proofs: false } });
      expect(found.json).toEqual(measured.json);
      expect(measured.outcomes.every(({ proof }) => proof === null)).toBe(true);
      proved += found.outcomes.filter(({ proof }) => proof !== null).length;
    },
  );
  await fc.assert(property, { numRuns: 40 });
  expect(proved).toBeGreaterThan(40);
});
