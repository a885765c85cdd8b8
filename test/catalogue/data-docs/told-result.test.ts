import { describe, expect, test } from 'vitest';
import { toldResults, type Telling } from '../../../catalogue/data-docs/told-result.ts';
import type { JsonObject } from '../../../expectations/json.ts';
import { expectation, suiteOf } from '../../expectations/suite-text.ts';

const SECRET = 'CANARY';

function telling(suite: readonly JsonObject[], more: Partial<Telling> = {}): Telling {
  return {
    promises: suite.length === 0 ? [] : suiteOf(suite).expectations,
    personal: new Set(['customer_id']),
    parameters: { queried: new Set(['known', 'most']), personal: new Set(['most']) },
    ...more,
  };
}

/** One result of a type, as a gate stores it. */
function found(type: string, kwargs: JsonObject, result: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    success: false,
    expectation_config: { type, kwargs, meta: {}, severity: 'critical' },
    result,
    meta: { weir: { promise: 'a promise', observed: `found ${SECRET}`, from: 'scan' } },
    exception_info: { raised_exception: false, exception_traceback: null, exception_message: null },
    ...more,
  };
}

function told(one: JsonObject, how: Telling): JsonObject {
  return toldResults([one], how)[0] ?? {};
}

describe('of a result', () => {
  const inSet = 'expect_column_values_to_be_in_set';

  test('lists, rows, keys, queries and what nobody has named are left out; counts and shares stay numbers', () => {
    const result = {
      element_count: 10,
      unexpected_count: 1,
      unexpected_percent: '33.33333333333333333333',
      partial_unexpected_list: [SECRET],
      partial_unexpected_counts: [{ value: SECRET, count: 1 }],
      partial_unexpected_index_list: [{ id: SECRET }],
      unexpected_index_column_names: ['id'],
      unexpected_index_query: `select '${SECRET}'`,
      unexpected_rows: [{ id: SECRET }],
      details: { unheard: SECRET, samples: 4 },
      unheard_of: SECRET,
      unheard_count: SECRET,
    };
    const written = { column: 'id', value_set: ['a'] };
    const { result: fields } = told(found(inSet, written, result), telling([expectation(inSet, written)]));
    expect(fields).toEqual({
      element_count: 10,
      unexpected_count: 1,
      unexpected_percent: 33.333333333333336,
      partial_unexpected_list: [],
      partial_unexpected_counts: [],
      partial_unexpected_index_list: [],
      unexpected_index_column_names: ['id'],
      details: { samples: 4 },
    });
  });

  test.each([
    ['a number', 'amount', 17, 17],
    ['a time', 'amount', '2017-01-01T10:00:00+00:00', '2017-01-01T10:00:00+00:00'],
    ['text', 'amount', SECRET, null],
    ['a list', 'amount', [1, 2], null],
    ['a number of a personal column', 'customer_id', 17, null],
    ['a number of more digits than a double has', 'amount', '12345678901234567.25', '12345678901234567.25'],
    ['text that looks like a number', 'amount', '2125550123', null],
    ['text that looks like another number', 'amount', '0049', null],
    ['the number of a card', 'amount', 4111111111111111, null],
  ])('what was observed is told where it is an aggregate: %s', (_, column, observed, expected) => {
    const type = 'expect_column_max_to_be_between';
    const kwargs = { column, min_value: 1 };
    const one = told(found(type, kwargs, { observed_value: observed }), telling([expectation(type, kwargs)]));
    expect(one['result']).toEqual({ observed_value: expected });
    expect(JSON.stringify(one['meta']).includes('not shown')).toBe(expected === null);
  });

  test('the highest of rows that a personal column chooses is not told', () => {
    const type = 'expect_column_max_to_be_between';
    const of = (row_condition: string) => ({
      column: 'amount',
      min_value: 1,
      row_condition,
      condition_parser: 'great_expectations',
    });
    const observed = (row_condition: string, changed = false): unknown => {
      const kwargs = of(row_condition);
      const how = telling([expectation(type, kwargs)], changed ? { promises: null } : {});
      return told(found(type, kwargs, { observed_value: 17 }), how)['result'];
    };
    expect(observed('col("customer_id") == "a"')).toEqual({ observed_value: null });
    expect(observed('col("store_id") == "a"')).toEqual({ observed_value: 17 });
    expect(observed('col("store_id") == "a"', true)).toEqual({ observed_value: null });
  });

  test('parameters that were read out of rows are told by their size, those of a personal column not even as a number', () => {
    const written = { column: 'id', value_set: { $PARAMETER: 'known' } };
    const filled = { column: 'id', value_set: [SECRET, 'other'] };
    expect(told(found(inSet, filled, {}), telling([expectation(inSet, written)]))).toMatchObject({
      expectation_config: { kwargs: { column: 'id', value_set: ['known: 2 values'] } },
    });
    const between = 'expect_column_values_to_be_between';
    const bound = { column: 'amount', min_value: 0, max_value: { $PARAMETER: 'most' } };
    const judged = { column: 'amount', min_value: 0, max_value: 41 };
    expect(told(found(between, judged, {}), telling([expectation(between, bound)]))).toMatchObject({
      expectation_config: { kwargs: { column: 'amount', min_value: 0, max_value: 'most' } },
    });
  });

  test('of a suite that has changed only names and numbers are told, of a model that is gone no aggregate', () => {
    const kwargs = { column: 'id', value_set: [SECRET], regex: SECRET, row_condition: `name == "${SECRET}"` };
    const strict = telling([], { promises: null, personal: null });
    const meant = { promise: 'id one of known values', observed: SECRET };
    const config = {
      type: inSet,
      kwargs,
      meta: { note: SECRET },
      notes: SECRET,
      description: SECRET,
      severity: 'info',
    };
    const one = told(
      found(inSet, kwargs, { observed_value: 3 }, { expectation_config: config, meta: { weir: meant } }),
      strict,
    );
    expect(JSON.stringify(one)).not.toContain(SECRET);
    expect(one).toMatchObject({
      expectation_config: { kwargs: { column: 'id', value_set: ['not shown: 1 value'] }, severity: 'info' },
      result: { observed_value: null },
    });
  });

  test('what an error says in full stays where it was', () => {
    const said = { raised_exception: true, exception_traceback: 'SQLSTATE 22P02', exception_message: SECRET };
    const kwargs = { column: 'id' };
    const one = told(
      found('expect_column_values_to_be_unique', kwargs, {}, { exception_info: said }),
      telling([]),
    );
    expect(one['exception_info']).toEqual({ ...said, exception_message: 'SQLSTATE 22P02' });
  });
});
