import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../expectations/json.ts';
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

const table: ExampleTable = {
  columns: { qty: 'integer', price: 'double precision', status: 'text', paid: 'boolean', at: 'timestamptz' },
  rows: [
    ['1', '0.5', 'paid', 'true', '2017-01-01 00:00+00'],
    ['2', '1.5', 'void', 'false', '2017-02-01 00:00+00'],
    ['3', null, "o'k", null, '2017-03-01 00:00+00'],
    [null, '2.5', null, 'true', null],
  ],
};

const comparison = (name: string, operator: string, parameter: Json): JsonObject => ({
  type: 'comparison',
  column: { name },
  operator,
  parameter,
});

/** How many rows a condition leaves. */
async function rowsWhere(row_condition: Json, asked: ExampleTable = table): Promise<Json> {
  const kwargs = { row_condition, condition_parser: 'great_expectations', min_value: 0 };
  const suite = suiteOf([expectation('expect_table_row_count_to_be_between', kwargs)]);
  const { judged } = await ask(database.admin, suite, asked);
  const [only] = judged;
  return only?.error?.reason ?? only?.judgement?.result['observed_value'] ?? null;
}

describe('rows that a condition leaves', () => {
  test.each<[number, Json]>([
    [1, comparison('qty', '==', 2)],
    [2, comparison('qty', '!=', 2)],
    [2, comparison('qty', '>', 1.5)],
    [1, comparison('price', '<', 1)],
    [1, comparison('qty', '==', '2')],
    [2, comparison('paid', '==', true)],
    [2, comparison('at', '>=', '2017-02-01')],
    [1, comparison('status', '==', "o'k")],
    [2, comparison('status', 'IN', ['paid', "o'k"])],
    [1, comparison('status', 'NOT_IN', ['paid', "o'k"])],
    [0, comparison('status', 'IN', [])],
    [4, comparison('status', 'NOT_IN', [])],
    [2, comparison('qty', 'IN', [1, 2.0, 2.5])],
    [1, { type: 'nullity', column: { name: 'qty' }, is_null: true }],
    [1, { type: 'and', conditions: [comparison('qty', '>', 1), comparison('paid', '==', false)] }],
    [3, { type: 'or', conditions: [comparison('qty', '>', 1), comparison('qty', '==', 1)] }],
    [4, { type: 'and', conditions: [] }],
    [2, 'col("qty") >= 2'],
    [3, 'col("status").notnull()'],
  ])('%i of 4: %j', async (rows, condition) => {
    expect(await rowsWhere(condition)).toBe(rows);
  });

  test.each<[string, Json]>([
    ['there is no column nope', comparison('nope', '==', 1)],
    ['column status is text and the bound is a number', comparison('status', '>', 1)],
    ['SQLSTATE 22P02, a value does not have the form of its type', comparison('qty', '==', 'many')],
  ])('its own error: %s', async (reason, condition) => {
    expect(await rowsWhere(condition)).toBe(reason);
  });
});

const HOSTILE = [
  'a"b',
  "it's",
  'x) or true --',
  '"; drop schema gate_test cascade; --',
  '$1',
  '\\',
  '%',
  'größe',
];

test.each(HOSTILE)('a column and a value named %s are only names and values', async (name) => {
  const hostile = { columns: { [name]: 'text' }, rows: [[name], ['other'], [null]] };
  expect(await rowsWhere(comparison(name, '==', name), hostile)).toBe(1);
  expect(await rowsWhere(comparison(name, 'IN', HOSTILE), hostile)).toBe(1);
  expect(await rowsWhere(comparison(`${name} is null) --`, '==', name), hostile)).toMatch(
    /^there is no column/,
  );
});

test('counts, shares and samples are of the rows that are asked', async () => {
  const condition = comparison('qty', '>=', 2);
  const kwargs = { column: 'status', value_set: ['void'], row_condition: condition };
  const suite = suiteOf([
    expectation('expect_column_values_to_be_in_set', kwargs),
    expectation('expect_column_values_to_be_in_set', { ...kwargs, row_condition: comparison('qty', '>', 9) }),
  ]);
  const { json } = await ask(database.admin, suite, table);
  expect(json).toMatchObject({
    results: [
      {
        success: false,
        result: { element_count: 2, unexpected_percent: 50, partial_unexpected_list: ["o'k"] },
      },
      { success: true, result: { element_count: 0, unexpected_percent: null } },
    ],
  });
});
