import { describe, expect, test } from 'vitest';
import { parseSuite, SuiteRefused } from '../../expectations/suite.ts';
import type { SuiteProblem } from '../../expectations/suite.ts';
import type { JsonObject } from '../../expectations/json.ts';
import { expectation, suiteOf, suiteText } from './suite-text.ts';

const notNull = (weir: JsonObject) =>
  expectation('expect_column_values_to_not_be_null', { column: 'x' }, { meta: { weir } });
const rowCount = (weir: JsonObject) =>
  expectation('expect_table_row_count_to_be_between', { min_value: 1 }, { meta: { weir } });

function problemsOf(expectations: readonly JsonObject[], weir: JsonObject = {}): readonly SuiteProblem[] {
  try {
    parseSuite('test.json', suiteText(expectations, { meta: { weir } }));
  } catch (error) {
    if (error instanceof SuiteRefused) return error.problems;
    throw error;
  }
  return [];
}

describe('meta.weir', () => {
  test('says what it says, and null for the rest', () => {
    const suite = suiteOf(
      [
        notNull({ on_failure: 'quarantine', quarantine_share: 0.5, proofs: false }),
        notNull({ order_by: ['b', 'a'] }),
        notNull({}),
      ],
      { meta: { weir: { owner: 'us', runbook: null, on_failure: 'continue', proofs: true }, tags: ['x'] } },
    );
    const nothing = { onFailure: null, quarantineShare: null, proofs: null, orderBy: null };
    expect(suite.weir).toEqual({
      owner: 'us',
      runbook: null,
      onFailure: 'continue',
      quarantineShare: null,
      proofs: true,
    });
    expect(suite.expectations.map(({ weir }) => weir)).toEqual([
      { ...nothing, onFailure: 'quarantine', quarantineShare: 0.5, proofs: false },
      { ...nothing, orderBy: ['b', 'a'] },
      nothing,
    ]);
  });

  test('is Weir’s alone: what else `meta` has is nobody’s business here', () => {
    const suite = suiteOf([expectation('expect_column_values_to_be_unique', { column: 'x' })], {
      meta: { great_expectations_version: '1.24.1', on_failure: 'x' },
    });
    expect(suite.weir.onFailure).toBeNull();
  });

  test.each([
    ['a misspelt key', { on_failur: 'hold' }, '/on_failur', 'Did you mean `on_failure`?'],
    ['a key of the suite', { owner: 'us' }, '/owner', ''],
    ['a misspelt word', { on_failure: 'quarantin' }, '/on_failure', 'Did you mean `quarantine`?'],
    ['a word of another type', { on_failure: true }, '/on_failure', ''],
    ['a percentage', { quarantine_share: 5 }, '/quarantine_share', '0.01'],
    ['a share below nothing', { quarantine_share: -0.1 }, '/quarantine_share', ''],
    ['a share as text', { quarantine_share: '0.1' }, '/quarantine_share', ''],
    ['proofs as text', { proofs: 'no' }, '/proofs', ''],
    ['one column as text', { order_by: 'a' }, '/order_by', ''],
    ['no column', { order_by: [] }, '/order_by', ''],
    ['a column that is a number', { order_by: ['a', 1] }, '/order_by', ''],
  ])('of an expectation refuses %s, with file, pointer and suggestion', (_, weir, pointer, hint) => {
    const problems = problemsOf([notNull({}), notNull(weir)]);
    expect(problems).toMatchObject([{ file: 'test.json', pointer: `/expectations/1/meta/weir${pointer}` }]);
    expect(problems[0]?.hint).toContain(hint);
  });

  test.each([
    ['order_by', { order_by: ['a'] }, '/order_by'],
    ['an owner that is no text', { owner: 7 }, '/owner'],
    ['an owner of blanks', { owner: ' ' }, '/owner'],
    ['a share', { quarantine_share: 2 }, '/quarantine_share'],
    ['an action', { on_failure: 'stop' }, '/on_failure'],
    ['what is no object', 'hold', ''],
  ])('of a suite refuses %s', (_, weir, pointer) => {
    const text = suiteText([notNull({})], { meta: { weir } });
    expect(() => parseSuite('test.json', text)).toThrow(`test.json /meta/weir${pointer}:`);
  });

  test('quarantine of what is about the table as a whole is refused where it is said of it', () => {
    expect(problemsOf([rowCount({ on_failure: 'quarantine' })])).toMatchObject([
      {
        pointer: '/expectations/0/meta/weir/on_failure',
        problem:
          'expect_table_row_count_to_be_between is about the table as a whole: it has no failing rows to quarantine',
      },
    ]);
    expect(problemsOf([rowCount({ on_failure: 'continue' })], { on_failure: 'quarantine' })).toEqual([]);
  });
});
