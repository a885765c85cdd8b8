import { describe, expect, test } from 'vitest';
import { SuiteRefused } from '../../expectations/problem.ts';
import { conditionWords } from '../../expectations/row-condition.ts';
import type { Json, JsonObject } from '../../expectations/json.ts';
import { expectation, suiteOf } from './suite-text.ts';

const comparison = (name: string, operator: string, parameter: Json): JsonObject => ({
  type: 'comparison',
  column: { name },
  operator,
  parameter,
});
const nullity = (name: string, is_null: boolean): JsonObject => ({
  type: 'nullity',
  column: { name },
  is_null,
});
const qty = comparison('qty', '>', 1);

function read(row_condition: Json, condition_parser: Json = null) {
  const kwargs = { column: 'x', row_condition, condition_parser };
  return (
    suiteOf([expectation('expect_column_values_to_not_be_null', kwargs)]).expectations[0]?.condition ?? null
  );
}

function refusal(row_condition: Json, condition_parser: Json = null): string {
  try {
    read(row_condition, condition_parser);
  } catch (error) {
    if (error instanceof SuiteRefused) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('text of the older form', () => {
  test.each([
    ['col("qty") > 1', 'qty > 1'],
    ['col("Mixed Case")>=1e3', 'Mixed Case >= 1000'],
    ['col("it\'s") != -0.5', "it's != -0.5"],
    ['col("status") == "paid"', 'status == paid'],
    ["col('status') == 'U S'", 'refused'],
    ['col("status") == \'U S\'', 'status == U S'],
    ['col("status").notnull()', 'status present'],
  ])('%s', (text, words) => {
    if (words === 'refused') return expect(refusal(text, 'great_expectations')).toMatch(/cannot be read/);
    const condition = read(text, 'great_expectations');
    expect(condition === null ? null : conditionWords(condition)).toBe(words);
    expect(read(text, 'great_expectations__experimental__')).toEqual(condition);
  });

  test.each([
    ['col("a") > 1 and col("b") < 3', 'would ignore'],
    ['col("a") > 1; drop table x', 'would ignore'],
    ['a > 1', 'cannot be read'],
    ['', 'cannot be read'],
    ['col("with"quote") > 0', 'cannot be read'],
    ['col("country") == "D\'E"', 'cannot be read'],
  ])('refused: %s', (text, why) => {
    expect(refusal(text, 'great_expectations')).toContain(why);
  });

  test.each([null, 'pandas', 'spark'])('refused with the parser %s', (parser) => {
    expect(refusal('col("a") > 1', parser)).toMatch(/no SQL/);
  });
});

describe('condition objects', () => {
  test.each<[string, JsonObject]>([
    ['qty > 1', qty],
    ['qty > 1', { column: { name: 'qty' }, operator: '>', parameter: 1 }],
    ['country none of 2 values', comparison('country', 'NOT_IN', ['DE', 'FR'])],
    ['status missing', nullity('status', true)],
    ['qty > 1 and status present', { type: 'and', conditions: [qty, nullity('status', false)] }],
    ['qty > 1 or qty > 1', { type: 'or', conditions: [qty, { type: 'and', conditions: [qty] }] }],
    ['anything', { type: 'and', conditions: [] }],
  ])('%s', (words, json) => {
    const condition = read(json, 'great_expectations');
    expect(condition === null ? null : conditionWords(condition)).toBe(words);
  });

  test.each<[string, Json]>([
    ['/operator', comparison('qty', '=', 1)],
    ['/parameter', comparison('qty', '==', null)],
    ['/parameter', comparison('qty', 'IN', 'DE')],
    ['/parameter', comparison('qty', 'IN', ['DE', 1])],
    ['/parameter', comparison('qty', 'IN', [true])],
    ['/is_null', { type: 'nullity', column: { name: 'a' }, is_null: 'yes' }],
    ['/column', { ...qty, column: 'qty' }],
    ['/type', { type: 'pass_through', pass_through_filter: 'qty > 1' }],
    ['/operatr', { ...qty, operatr: '>' }],
    ['/conditions/0', { type: 'and', conditions: [{ type: 'or', conditions: [qty] }] }],
    ['/conditions/100', { type: 'or', conditions: Array.from({ length: 101 }, () => qty) }],
    ['/parameter', comparison('qty', '<', { $PARAMETER: 'lim' })],
    ['', { $PARAMETER: 'rc' }],
  ])('refused at row_condition%s: %j', (pointer, json) => {
    expect(refusal(json)).toContain(`/expectations/0/kwargs/row_condition${pointer}: `);
  });

  test('a misspelt kind is suggested', () => {
    expect(refusal({ type: 'comparisn', column: { name: 'a' } })).toContain('Did you mean `comparison`?');
  });
});
