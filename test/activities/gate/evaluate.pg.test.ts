import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failedExpectation } from '../../../expectations/judge.ts';
import type { Json, JsonObject } from '../../../expectations/json.ts';
import { parseSuite } from '../../../expectations/suite.ts';
import { freshDatabase } from '../../setup/database.ts';
import type { FreshDatabase } from '../../setup/database.ts';
import { expectation, suiteOf } from '../../expectations/suite-text.ts';
import { ask } from './batch.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
});
afterAll(() => database.drop());

const transactions = parseSuite(
  'transactions.json',
  readFileSync(new URL('../../../expectations/suites/transactions.json', import.meta.url), 'utf8'),
);
const columns = {
  transaction_id: 'text',
  store_id: 'text',
  transaction_timestamp: 'timestamp',
  total_amount: 'numeric(12,2)',
  _record_hash: 'uuid',
};
const hash = (n: number): string => `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`;
const good = (n: number): (string | null)[] => [`T${n}`, 'S1', '2017-01-01 09:58:00', '12.50', hash(n)];
const values = { min_rows: 1, max_rows: 100, valid_store_ids: ['S1', 'S2'] };

describe('the transactions suite', () => {
  test('holds for good rows', async () => {
    const { json, samples } = await ask(
      database.admin,
      transactions,
      { columns, rows: [good(1), good(2)] },
      { values },
    );
    expect(json).toMatchObject({
      success: true,
      statistics: { evaluated_expectations: 8, success_percent: 100 },
    });
    expect(samples.size).toBe(0);
  });

  test('names all four of a bad batch, in the suite’s order, with evidence for each', async () => {
    const rows = [
      good(1),
      ['T2', 'S1', '2017-01-01 09:58:00', '1.00', hash(2)],
      ['T2', 'S1', '2017-01-01 09:59:00', '2.00', hash(3)],
      ['T3', null, '2017-01-01 09:58:00', '3.00', hash(4)],
      ['T4', 'S9', '2017-01-01 09:58:00', '4.00', hash(5)],
      ['T5', 'S2', '2017-01-01 09:58:00', '100000.01', hash(6)],
    ];
    const found = await ask(
      database.admin,
      transactions,
      { columns, rows },
      { values, key: ['transaction_id'] },
    );
    const failed = found.judged.flatMap((one) => failedExpectation(one, new Set()) ?? []);
    expect(
      failed.map(({ column, expected, observed, severity }) => [column, expected, observed, severity]),
    ).toEqual([
      ['store_id', 'store_id present', '1 of 6 rows without a value', 'critical'],
      [
        'transaction_id',
        'transaction_id unique',
        '2 of 6 rows with a value that occurs more than once',
        'critical',
      ],
      ['total_amount', 'total_amount between 0 and 100000', '1 of 6 rows outside', 'critical'],
      ['store_id', 'store_id one of 2 known values', '1 of 5 rows with another value', 'critical'],
    ]);
    expect(found.samples.get(6)).toEqual([{ store_id: 'S9', transaction_id: 'T4' }]);
    expect(found.samples.get(3)).toHaveLength(2);
    expect(JSON.stringify(failed)).not.toMatch(/S9|T2|100000\.01/);
  });

  test('stale by as-of, not by the clock', async () => {
    const table = { columns, rows: [good(1)] };
    const asked = await ask(database.admin, transactions, table, {
      values,
      asOf: '2017-01-01T10:03:00.001Z',
    });
    expect(
      asked.judged.filter(({ success }) => !success).map(({ judgement }) => judgement?.observed),
    ).toEqual(['highest is 2017-01-01T09:58:00']);
    const inTime = await ask(database.admin, transactions, table, {
      values,
      asOf: '2017-01-01T10:03:00.000Z',
    });
    expect(inTime.json['success']).toBe(true);
  });

  test('byte-equal deliveries of one record are one row', async () => {
    const table = { columns, rows: [good(1), good(1), good(2)] };
    expect((await ask(database.admin, transactions, table, { values })).json['success']).toBe(false);
    const collapsed = await ask(database.admin, transactions, table, { values, collapse: '_record_hash' });
    expect(collapsed.json['success']).toBe(true);
    expect(collapsed.rows).toBe(2);
  });
});

describe('one that cannot be evaluated', () => {
  test('has failed, says why without a value, and silences no other', async () => {
    const suite = suiteOf([
      expectation('expect_column_values_to_match_regex', { column: 'n', regex: 'a' }),
      expectation(
        'expect_column_values_to_match_regex',
        { column: 't', regex: '([' },
        { severity: 'warning' },
      ),
      expectation('expect_column_values_to_be_in_set', { column: 'u', value_set: ['not a uuid'] }),
      expectation('expect_column_values_to_be_unique', { column: 'gone' }),
      expectation('expect_column_values_to_not_be_null', { column: 't' }),
      expectation('expect_column_values_to_be_unique', { column: 't' }),
    ]);
    const rows = [
      ['1', 'x', hash(1)],
      ['2', 'x', null],
    ];
    const { judged, json } = await ask(database.admin, suite, {
      columns: { n: 'integer', t: 'text', u: 'uuid' },
      rows,
    });
    expect(judged.map(({ error, success }) => error?.reason ?? success)).toEqual([
      'SQLSTATE 42883, the types do not fit',
      'SQLSTATE 2201B, the regular expression is not valid',
      'SQLSTATE 22P02, a value does not have the form of its type',
      'there is no column gone',
      true,
      false,
    ]);
    expect(json).toMatchObject({ statistics: { evaluated_expectations: 6, unsuccessful_expectations: 5 } });
    const [, , third] = judged.map((one) => failedExpectation(one, new Set()));
    expect(third).toMatchObject({ errored: true, unexpectedCount: null });
    expect(third?.observed).not.toContain('not a uuid');
  });
});

const HOSTILE = [
  'a"b',
  'a.b',
  'A b',
  "it's",
  'select',
  '"; drop schema gate_test cascade; --',
  'größe',
  '$1',
  '%s',
  'x'.repeat(63),
  '\\',
  ';',
];

describe('hostile input', () => {
  test.each(HOSTILE)('a column named %s', async (name) => {
    const suite = suiteOf([
      expectation('expect_column_values_to_not_be_null', { column: name }),
      expectation('expect_column_values_to_be_unique', { column: name }),
      expectation('expect_compound_columns_to_be_unique', { column_list: [name, 'other'] }),
      expectation('expect_column_values_to_be_in_set', { column: name, value_set: HOSTILE }),
      expectation('expect_column_values_to_match_regex', { column: name, regex: '^.$' }),
    ]);
    const table = {
      columns: { [name]: 'text', other: 'text' },
      rows: [
        [name, 'x'],
        ["'", 'x'],
      ],
    };
    const { json } = await ask(database.admin, suite, table, { key: [name] });
    const long = name.length === 1 ? [] : [name];
    expect(json).toMatchObject({
      results: [
        { success: true },
        { success: true },
        { success: true },
        { success: false, result: { partial_unexpected_list: ["'"] } },
        { success: long.length === 0, result: { partial_unexpected_list: long } },
      ],
    });
  });

  test('a column that is only text of an injection does not exist', async () => {
    const suite = suiteOf([
      expectation('expect_column_values_to_be_unique', { column: 'a" is null) from pg_authid; --' }),
    ]);
    const { judged } = await ask(database.admin, suite, { columns: { a: 'text' }, rows: [] });
    expect(judged[0]?.error?.reason).toMatch(/^there is no column/);
  });

  test('NaN, infinity, dates before Christ', async () => {
    const suite = suiteOf([
      expectation('expect_column_max_to_be_between', { column: 'd', max_value: 5 }),
      expectation('expect_column_values_to_be_between', { column: 'd', min_value: 0 }),
      expectation('expect_column_max_to_be_between', { column: 'at', max_value: '2017-01-01' }),
      expectation('expect_column_values_to_be_between', { column: 'at', min_value: '0001-01-01' }),
    ]);
    const rows = [
      ['NaN', '0044-03-15 BC'],
      ['Infinity', 'infinity'],
      ['-Infinity', null],
    ];
    const { json } = await ask(database.admin, suite, { columns: { d: 'float8', at: 'timestamp' }, rows });
    expect(json).toMatchObject({
      results: [
        { success: false, result: { observed_value: null } },
        { success: false, result: { unexpected_count: 1, partial_unexpected_list: ['-Infinity'] } },
        { success: false, result: { observed_value: 'infinity' } },
        {
          success: false,
          result: { unexpected_count: 1, partial_unexpected_list: ['0044-03-15T00:00:00 BC'] },
        },
      ],
    });
  });
});

test('a large set is hashed: a hundred thousand members cost no more than a scan', async () => {
  const members = Array.from({ length: 100_000 }, (_, n) => `S${n}`);
  const started = performance.now();
  const { rows } = await sql<{ unknown: number }>`
    select count(*) filter (where s is not null and (s::text <> all(${members}::text[]))) as unknown
    from (select 'S' || n as s from generate_series(1, 100000) n) rows`.execute(database.admin);
  expect(rows[0]?.unknown).toBe(1);
  // Walked instead of hashed it compares five thousand million pairs, which takes minutes.
  expect(performance.now() - started).toBeLessThan(5_000);
});

const cell = fc.option(fc.constantFrom('-1', '0', '1', '2', '99'), { nil: null });
const anyCondition: fc.Arbitrary<JsonObject> = fc
  .tuple(fc.constantFrom('a', 'b'), fc.constantFrom<[string, Json]>(['>', 0], ['!=', 1.5], ['IN', [0, 2]]))
  .map(([name, [operator, parameter]]) => ({ type: 'comparison', column: { name }, operator, parameter }));
const anyExpectation: fc.Arbitrary<Json> = fc
  .record({
    row_condition: fc.option(
      fc.oneof(
        anyCondition,
        fc.constant({ type: 'nullity', column: { name: 'b' }, is_null: true }),
        fc.array(anyCondition, { maxLength: 3 }).map((conditions) => ({ type: 'and', conditions })),
        fc
          .array(anyCondition, { minLength: 1, maxLength: 3 })
          .map((conditions) => ({ type: 'or', conditions })),
      ),
      { nil: null },
    ),
    type: fc.constantFrom<[string, JsonObject][]>(
      ['expect_column_values_to_not_be_null', {}],
      ['expect_column_values_to_be_unique', {}],
      ['expect_column_values_to_be_between', { min_value: 0, max_value: 2 }],
      ['expect_column_values_to_be_in_set', { value_set: [0, 1] }],
      ['expect_column_max_to_be_between', { max_value: 5 }],
      ['expect_column_values_to_match_regex', { regex: '9' }],
    ),
    column: fc.constantFrom('a', 'b', 'c'),
  })
  .map(({ type: [type, kwargs], column, row_condition }) =>
    expectation(type, { ...kwargs, column, row_condition }),
  );

test('the fused scan finds what each expectation finds alone', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyExpectation, { minLength: 1, maxLength: 6 }),
      fc.array(fc.tuple(cell, cell), { maxLength: 8 }),
      async (asked, rows) => {
        const table = { columns: { a: 'integer', b: 'numeric' }, rows };
        const together = await ask(database.admin, suiteOf(asked), table);
        for (const [place, one] of asked.entries()) {
          const alone = await ask(database.admin, suiteOf([one]), table);
          expect(together.judged[place]?.judgement?.result).toEqual(alone.judged[0]?.judgement?.result);
          expect(together.judged[place]?.error?.reason).toEqual(alone.judged[0]?.error?.reason);
        }
      },
    ),
    { numRuns: 25 },
  );
});
