import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkParameters } from '../../expectations/parameters.ts';
import { parseSuite, SuiteRefused } from '../../expectations/suite.ts';
import type { SuiteProblem } from '../../expectations/suite.ts';
import { expectation, suiteOf, suiteText } from './suite-text.ts';

const NOT_NULL = expectation('expect_column_values_to_not_be_null', { column: 'x' });

function problemsOf(text: string): readonly SuiteProblem[] {
  try {
    parseSuite('test.json', text);
  } catch (error) {
    if (error instanceof SuiteRefused) return error.problems;
    throw error;
  }
  return [];
}

function refused(...expectations: Parameters<typeof suiteText>[0]): readonly SuiteProblem[] {
  return problemsOf(suiteText(expectations));
}

describe('what is understood', () => {
  test('severity is critical where nothing is said, and the order is kept', () => {
    const suite = suiteOf([
      NOT_NULL,
      { ...NOT_NULL, severity: 'info', meta: { why: 'x' }, notes: ['a'], description: 'd', id: 'i' },
    ]);
    expect(suite.expectations.map(({ index, severity }) => [index, severity])).toEqual([
      [0, 'critical'],
      [1, 'info'],
    ]);
    expect(suite.expectations[1]).toMatchObject({
      meta: { why: 'x' },
      notes: ['a'],
      description: 'd',
      id: 'i',
    });
  });

  test('a suite that Great Expectations wrote: floats for whole numbers, rendered content, nulls', () => {
    const written = {
      ...NOT_NULL,
      id: null,
      notes: null,
      rendered_content: [{}],
      kwargs: { column: 'x', mostly: 1.0, batch_id: 'b' },
    };
    const suite = suiteOf(
      [written, expectation('expect_table_row_count_to_be_between', { min_value: 0.0, max_value: null })],
      {
        id: 'b758fa28-720b-4c4e-aa00-ad26db4e83a1',
        meta: { great_expectations_version: '1.24.1' },
        notes: null,
      },
    );
    expect(suite.expectations).toHaveLength(2);
  });

  test('the form before 1.0', () => {
    const text = JSON.stringify({
      expectation_suite_name: 'old',
      data_asset_type: 'Dataset',
      expectations: [
        { expectation_type: 'expect_column_values_to_not_be_null', kwargs: { column: 'x' }, meta: {} },
      ],
      evaluation_parameters: { lo: 1 },
      meta: {},
    });
    expect(parseSuite('old.json', text)).toMatchObject({ name: 'old', parameters: { lo: 1 } });
  });
});

describe('what is refused, all of it at once', () => {
  test.each(['[', '{"a":'])('a file that never ends going deeper: %s', (open) => {
    expect(problemsOf(open.repeat(200_000)).map(({ problem }) => problem)).toEqual([
      'objects and lists stand too deep in each other',
    ]);
  });

  test('a misspelt type, severity, argument and key, each with file, pointer and suggestion', () => {
    const problems = refused(
      expectation('expect_column_values_to_not_be_nul', { column: 'x' }),
      { ...NOT_NULL, severity: 'error' },
      expectation('expect_column_values_to_not_be_null', { colum: 'x' }),
      { ...NOT_NULL, severty: 'info' },
    );
    expect(problems.map(({ file, pointer, hint }) => [file, pointer, hint])).toEqual([
      ['test.json', '/expectations/0/type', 'Did you mean `expect_column_values_to_not_be_null`?'],
      ['test.json', '/expectations/1/severity', ''],
      ['test.json', '/expectations/2/kwargs', ''],
      ['test.json', '/expectations/2/kwargs', 'Did you mean `column`?'],
      ['test.json', '/expectations/3/severty', 'Did you mean `severity`?'],
    ]);
  });

  test('the message names every problem on a line of its own', () => {
    const text = suiteText([expectation('expect_x', {}), { ...NOT_NULL, severity: 'urgent' }]);
    expect(() => parseSuite('test.json', text)).toThrow(
      /^test\.json \/expectations\/0\/type: there is no expectation type `expect_x`.*\ntest\.json \/expectations\/1\/severity: .*one of critical, warning, info/,
    );
  });

  test.each([
    ['mostly above 1', 'expect_column_values_to_not_be_null', { column: 'x', mostly: 1.1 }, '/mostly'],
    ['mostly null', 'expect_column_values_to_not_be_null', { column: 'x', mostly: null }, '/mostly'],
    ['mostly as text', 'expect_column_values_to_not_be_null', { column: 'x', mostly: 'lots' }, '/mostly'],
    ['no bound', 'expect_column_values_to_be_between', { column: 'x' }, ''],
    [
      'bounds in the wrong order',
      'expect_column_values_to_be_between',
      { column: 'x', min_value: 2, max_value: 1 },
      '',
    ],
    [
      'times in the wrong order',
      'expect_column_values_to_be_between',
      { column: 'x', min_value: '2017-01-02', max_value: '2017-01-01' },
      '',
    ],
    [
      'a bound that is no time',
      'expect_column_values_to_be_between',
      { column: 'x', min_value: 'not a date' },
      '/min_value',
    ],
    [
      'a set that is text',
      'expect_column_values_to_be_in_set',
      { column: 'x', value_set: 'abc' },
      '/value_set',
    ],
    [
      'a set of lists',
      'expect_column_values_to_be_in_set',
      { column: 'x', value_set: [[1]] },
      '/value_set/0',
    ],
    ['half a row', 'expect_table_row_count_to_be_between', { min_value: 0.5 }, '/min_value'],
    ['one column together', 'expect_compound_columns_to_be_unique', { column_list: ['a'] }, '/column_list'],
    ['a column that is a number', 'expect_column_values_to_be_unique', { column: 1 }, '/column'],
    [
      'a result format nobody has',
      'expect_column_values_to_be_unique',
      { column: 'x', result_format: 'summary' },
      '/result_format',
    ],
  ])('%s', (_, type, kwargs, pointer) => {
    expect(refused(expectation(type, kwargs)).map((one) => one.pointer)).toContain(
      `/expectations/0/kwargs${pointer}`,
    );
  });

  test.each([
    ['not JSON', '{', ''],
    ['a list', '[]', ''],
    ['a suite of nothing', suiteText([]), '/expectations'],
    ['no list', '{"name":"x"}', '/expectations'],
    ['no name', '{"expectations":[]}', '/name'],
    ['an expectation that is text', suiteText(['x']), '/expectations/0'],
    ['an expectation without type', suiteText([{ kwargs: {} }]), '/expectations/0/type'],
    [
      'two of one id',
      suiteText([
        { ...NOT_NULL, id: 'a' },
        { ...NOT_NULL, id: 'a' },
      ]),
      '/expectations/1/id',
    ],
    [
      'a default that refers on',
      suiteText([NOT_NULL], { suite_parameters: { a: { $PARAMETER: 'b' } } }),
      '/suite_parameters/a',
    ],
    ['an unknown word for Weir', suiteText([NOT_NULL], { meta: { weir: { ownr: 'x' } } }), '/meta/weir/ownr'],
    ['a name of Object.prototype', suiteText([expectation('constructor', {})]), '/expectations/0/type'],
  ])('%s', (_, text, pointer) => {
    expect(problemsOf(text).map((one) => one.pointer)).toContain(pointer);
  });
});

describe('shipped suites', () => {
  const folder = new URL('../../expectations/suites/', import.meta.url);
  test.each(readdirSync(folder))('%s is named as its file and has an owner and a runbook', (file) => {
    const suite = parseSuite(file, readFileSync(new URL(file, folder), 'utf8'));
    expect(`${suite.name}.json`).toBe(file);
    expect(suite.weir.owner).not.toBeNull();
    expect(suite.weir.runbook).not.toBeNull();
  });

  test('transactions asks for the stores and has the figures of a day', () => {
    const suite = parseSuite('transactions.json', readFileSync(new URL('transactions.json', folder), 'utf8'));
    expect(checkParameters(suite, [])).toMatchObject([
      { problem: 'parameter `valid_store_ids` has no value' },
    ]);
    expect(suite.parameters).toEqual({ min_rows: 100_000, max_rows: 20_000_000, max_staleness_minutes: 5 });
    expect(new Set(suite.expectations.map(({ severity }) => severity))).toEqual(new Set(['critical']));
  });
});

test('a file that is wrong throughout is refused after a hundred problems', () => {
  const wrong = Array.from({ length: 20_000 }, (_, n) =>
    expectation('expect_column_values_to_be_uniqe', { column: `c${n}` }),
  );
  expect(problemsOf(suiteText(wrong))).toHaveLength(100);
  expect(() => suiteOf(wrong)).toThrow(/mend these first\.$/);
});
