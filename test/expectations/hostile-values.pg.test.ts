import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Example, ExpectationType } from '../../expectations/define-expectation.ts';
import type { JsonObject } from '../../expectations/json.ts';
import { expectationTypes } from '../../expectations/registry.gen.ts';
import { readResultFormat } from '../../expectations/result-format.ts';
import type { ResultFormat } from '../../expectations/result-format.ts';
import { ask } from '../activities/gate/batch.ts';
import type { ExampleTable } from '../activities/gate/batch.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { expectation, suiteOf } from './suite-text.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
});
afterAll(() => database.drop());

const complete: ResultFormat | null = readResultFormat('COMPLETE');
const types: readonly [string, ExpectationType][] = Object.entries(expectationTypes);

function asked(type: string, { kwargs, around }: Example): JsonObject {
  const orderBy = around?.orderBy;
  return expectation(type, kwargs, orderBy === undefined ? {} : { meta: { weir: { order_by: orderBy } } });
}

/** Why it could not be evaluated; null when it could. What came back has to be JSON. */
async function errorOf(type: string, example: Example, rows: ExampleTable['rows']): Promise<string | null> {
  const table = { columns: example.columns, rows };
  const { judged, json } = await ask(database.admin, suiteOf([asked(type, example)]), table, {
    around: example.around,
    format: complete,
  });
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  expect(judged).toHaveLength(1);
  return judged[0]?.error?.message ?? null;
}

describe.each(types)('%s', (type, kind) => {
  test('nothing, and nothing but NULL, is an answer and no error', async () => {
    for (const example of kind.examples) {
      const nulls = Object.keys(example.columns).map(() => null);
      const title = `${example.title}: `;
      const plain = await errorOf(type, example, example.rows);
      expect(title + (await errorOf(type, example, []))).toBe(title + plain);
      expect(title + (await errorOf(type, example, [nulls, nulls, nulls]))).toBe(title + plain);
    }
  });
});

const HOSTILE: Readonly<Record<string, readonly string[]>> = {
  integer: ['2147483647', '-2147483648', '0'],
  bigint: ['9223372036854775807', '-9223372036854775808', '9007199254740993'],
  numeric: ['NaN', 'Infinity', '-Infinity', '12345678901234567890.123456789', '1e-20', '-0'],
  'double precision': ['NaN', 'Infinity', '-Infinity', '1e308', '5e-324', '-0'],
  real: ['NaN', 'Infinity', '-Infinity', '3.4e38', '1e-45'],
  date: ['infinity', '-infinity', '0044-03-15 BC', '5874897-12-31', '4713-01-01 BC'],
  timestamp: ['infinity', '-infinity', '0044-03-15 12:00:00 BC', '294276-12-31 23:59:59'],
  timestamptz: ['infinity', '-infinity', '0044-03-15 12:00:00+00 BC', '294276-12-31 23:59:59+00'],
  text: ['', ' ', "'); drop table x; --", '"', '\\', '%', '{', '😀', 'a\nb', '\u{301}', 'NaN', '1e999'],
  boolean: ['true', 'false'],
  uuid: ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
};

/** The same types without the digits that a column is declared to have room for. */
function withoutLengths(columns: Example['columns']): Example['columns'] {
  return Object.fromEntries(
    Object.entries(columns).map(([name, type]) => [name, type.replace(/^numeric\(.*\)$/, 'numeric')]),
  );
}

function cellOf(type: string): fc.Arbitrary<string | null> {
  const values = HOSTILE[type] ?? [];
  return fc.constantFrom(null, ...values);
}

/** An error of the values (class 22 of SQLSTATE), of comparing them, or of what the arguments have to be. */
const OF_THE_VALUES = /SQLSTATE 22|out of range|not finite/;

describe('values at the end of what a type holds', () => {
  const withRows = types.flatMap(([type, kind]) =>
    kind.examples
      .filter(({ columns }) => Object.keys(columns).length > 0)
      .map((example) => [type, { ...example, columns: withoutLengths(example.columns) }] as const),
  );
  const asking = fc.constantFrom(...withRows).chain(([type, example]) => {
    const row = fc.tuple(...Object.values(example.columns).map(cellOf));
    return fc.record({
      type: fc.constant(type),
      example: fc.constant(example),
      rows: fc.array(row, { maxLength: 5 }),
    });
  });

  test('break no gate: an answer, or an error of that one expectation that names the value', async () => {
    await fc.assert(
      fc.asyncProperty(asking, async ({ type, example, rows }) => {
        const plain = await errorOf(type, example, example.rows);
        const error = await errorOf(type, example, rows);
        if (error !== null && error !== plain) expect(error).toMatch(OF_THE_VALUES);
      }),
      { numRuns: 150 },
    );
  });
});

const column = 'v';
const one = async (
  type: string,
  values: readonly (string | null)[],
  kind: string,
  kwargs: JsonObject,
): Promise<JsonObject> => {
  const table = { columns: { [column]: type }, rows: values.map((value) => [value]) };
  const { json, judged } = await ask(
    database.admin,
    suiteOf([expectation(kind, { column, ...kwargs })]),
    table,
    {
      format: complete,
    },
  );
  expect(judged[0]?.error ?? null).toBeNull();
  return json;
};

describe('digits that a double has no room for', () => {
  test.each([
    ['bigint', ['9007199254740993', '1'], 'expect_column_max_to_be_between', '9007199254740993'],
    ['bigint', ['-9223372036854775808', '1'], 'expect_column_min_to_be_between', '-9223372036854775808'],
    ['bigint', ['9223372036854775807', '1'], 'expect_column_sum_to_be_between', '9223372036854775808'],
    [
      'numeric',
      ['12345678901234567890.123456789'],
      'expect_column_max_to_be_between',
      '12345678901234567890.123456789',
    ],
    ['numeric', ['0.10', '0.2'], 'expect_column_sum_to_be_between', 0.3],
    ['double precision', ['1e300'], 'expect_column_max_to_be_between', 1e300],
    [
      'double precision',
      ['0.30000000000000004'],
      'expect_column_max_to_be_between',
      0.300_000_000_000_000_04,
    ],
    ['bigint', ['9007199254740992'], 'expect_column_max_to_be_between', 9_007_199_254_740_992],
  ])('%s %s, %s: %s', async (type, values, kind, observed) => {
    const json = await one(type, values, kind, { min_value: null });
    expect(json).toMatchObject({ results: [{ result: { observed_value: observed } }] });
  });

  test('stay in the lists of failing rows, and decide', async () => {
    const json = await one(
      'bigint',
      ['9007199254740993', '9007199254740992', '5'],
      'expect_column_values_to_be_between',
      {
        max_value: '9007199254740992',
      },
    );
    expect(json).toMatchObject({
      success: false,
      results: [{ result: { unexpected_count: 1, unexpected_list: ['9007199254740993'] } }],
    });
  });
});

describe('what is not finite, before Christ or beyond the year 9999', () => {
  test.each<[string, readonly string[], string, JsonObject, boolean, JsonObject]>([
    [
      'double precision',
      ['NaN', '1'],
      'expect_column_max_to_be_between',
      { max_value: 5 },
      false,
      { observed_value: null },
    ],
    [
      'double precision',
      ['Infinity', '1'],
      'expect_column_max_to_be_between',
      { max_value: 5 },
      false,
      { observed_value: 'Infinity' },
    ],
    [
      'numeric',
      ['-Infinity', '1'],
      'expect_column_min_to_be_between',
      { min_value: 0 },
      false,
      { observed_value: '-Infinity' },
    ],
    [
      'numeric',
      ['5'],
      'expect_column_max_to_be_between',
      { max_value: 'Infinity' },
      true,
      { observed_value: 5 },
    ],
    ['integer', ['5'], 'expect_column_max_to_be_between', { max_value: 'NaN' }, false, { observed_value: 5 }],
    [
      'double precision',
      ['NaN', 'Infinity', '1'],
      'expect_column_values_to_be_between',
      { max_value: 5 },
      false,
      { unexpected_list: ['NaN', 'Infinity'] },
    ],
    [
      'date',
      ['0044-03-15 BC', '2017-01-01'],
      'expect_column_min_to_be_between',
      { min_value: '2000-01-01' },
      false,
      { observed_value: '0044-03-15 BC' },
    ],
    [
      'date',
      ['5874897-12-31'],
      'expect_column_values_to_be_between',
      { max_value: '2017-01-01' },
      false,
      { unexpected_list: ['5874897-12-31'] },
    ],
    [
      'date',
      ['5874897-12-31'],
      'expect_column_values_to_be_in_set',
      { value_set: ['2017-01-01'] },
      false,
      { unexpected_count: 1 },
    ],
    [
      'date',
      ['5874897-12-31'],
      'expect_column_most_common_value_to_be_in_set',
      { value_set: ['2017-01-01'] },
      false,
      {},
    ],
    [
      'timestamptz',
      ['infinity'],
      'expect_column_max_to_be_between',
      { min_value: '2017-01-01' },
      true,
      { observed_value: 'infinity' },
    ],
    [
      'timestamp',
      ['294276-12-31 23:59:59'],
      'expect_column_max_to_be_between',
      { max_value: '2017-01-01' },
      false,
      { observed_value: '294276-12-31' },
    ],
    [
      'timestamp',
      ['-infinity'],
      'expect_column_distinct_values_to_be_in_set',
      { value_set: ['2017-01-01'] },
      false,
      { partial_unexpected_list: ['-infinity'] },
    ],
  ])('%s %j, %s %j', async (type, values, kind, kwargs, success, result) => {
    expect(await one(type, values, kind, kwargs)).toMatchObject({ success, results: [{ success, result }] });
  });
});
