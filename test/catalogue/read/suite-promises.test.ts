import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { promiseWords } from '../../../catalogue/read/suite-promises.ts';
import type { JsonObject } from '../../../expectations/json.ts';
import { expectationTypes } from '../../../expectations/registry.gen.ts';
import { parseSuite } from '../../../expectations/suite.ts';
import type { Suite } from '../../../expectations/suite.ts';

function suiteOf(expectations: readonly JsonObject[], rest: JsonObject = {}): Suite {
  return parseSuite('expectations/suites/s.json', JSON.stringify({ name: 's', expectations, ...rest }));
}

test('parameters stand in the words by name, alone, in an expression, as a list and as a share', () => {
  const words = promiseWords(
    suiteOf([
      {
        type: 'expect_table_row_count_to_be_between',
        kwargs: { min_value: { $PARAMETER: 'least' }, max_value: { $PARAMETER: 'most * 2' } },
      },
      {
        type: 'expect_column_max_to_be_between',
        kwargs: { column: 'at', min_value: { $PARAMETER: 'now() - timedelta(minutes=lag)' } },
      },
      {
        type: 'expect_column_values_to_be_in_set',
        kwargs: { column: 'store', value_set: { $PARAMETER: 'stores' } },
      },
      {
        type: 'expect_column_values_to_not_be_null',
        kwargs: { column: 'store', mostly: { $PARAMETER: 'share' } },
      },
      {
        type: 'expect_column_values_to_be_between',
        kwargs: { column: 'qty', min_value: { $PARAMETER: 'least' }, max_value: 10 },
      },
    ]),
  );
  expect(words.map((one) => one.words)).toEqual([
    'rows between least and most * 2',
    'highest at at least now() - timedelta(minutes=lag)',
    'store one of stores',
    'store present, for at least share of rows',
    'qty between least and 10',
  ]);
  expect(words.map(({ parameters }) => parameters)).toEqual([
    ['least', 'most'],
    ['lag'],
    ['stores'],
    ['share'],
    ['least'],
  ]);
});

test.each(Object.values(expectationTypes).map((kind) => [kind.type, kind] as const))(
  '%s: whatever is a parameter, the promise has words, and none of a value that stood in for it',
  (type, kind) => {
    const kwargs = kind.examples.find((one) => kind.problems(one.kwargs).length === 0)?.kwargs ?? {};
    for (const argument of Object.keys(kwargs)) {
      const asked = { ...kwargs, [argument]: { $PARAMETER: 'the_parameter' } };
      let suite: Suite;
      try {
        suite = suiteOf([{ type, kwargs: asked }]);
      } catch {
        continue; // An argument that cannot be a parameter is refused before it is put in words.
      }
      const [promise] = promiseWords(suite);
      expect(promise?.words).not.toBe('');
      const words = promise?.words.slice(0, 200);
      expect(words, argument).toContain('the_parameter');
      expect(words, argument).not.toMatch(/918|stand_in|undefined|\[object/);
      expect(promise?.parameters).toEqual(['the_parameter']);
    }
  },
);

test('what happens to the data: the nearest that says something, quarantine only of rows', () => {
  const suite = suiteOf(
    [
      { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'a' } },
      { type: 'expect_table_row_count_to_be_between', kwargs: { min_value: 1 } },
      {
        type: 'expect_column_values_to_not_be_null',
        kwargs: { column: 'b', mostly: 0.5 },
        severity: 'warning',
        meta: { weir: { on_failure: 'continue' } },
      },
    ],
    { meta: { weir: { owner: 'o', runbook: 'r' } } },
  );
  expect(promiseWords(suite).map(({ onFailure }) => onFailure)).toEqual(['hold', 'hold', 'continue']);
  const quarantined = promiseWords(suite, { onFailure: 'quarantine', quarantineShare: 0.05 });
  expect(quarantined.map(({ onFailure, quarantineShare }) => [onFailure, quarantineShare])).toEqual([
    ['quarantine', 0.05],
    ['hold', null],
    ['continue', null],
  ]);
  expect(quarantined[2]).toMatchObject({ mostly: 0.5, rowLevel: true, column: 'b', severity: 'warning' });
});

test('texts of people come without their addresses, conditions in words', () => {
  const [promise] = promiseWords(
    suiteOf([
      {
        type: 'expect_column_values_to_not_be_null',
        kwargs: {
          column: 'a',
          row_condition: {
            type: 'comparison',
            column: { name: 'b' },
            operator: '==',
            parameter: 'jo@example.com',
          },
        },
        description: 'Ask jo@example.com.',
        notes: ['first', 'second'],
      },
    ]),
  );
  expect(promise?.condition).toBe('b == [e-mail]');
  expect(promise?.why).toBe('Ask [e-mail]. first\nsecond');
});

test('a suite of the repository reads as it is promised', () => {
  const file = 'expectations/suites/stg_transactions.json';
  const words = promiseWords(parseSuite(file, readFileSync(file, 'utf8')));
  expect(words[10]).toMatchObject({
    place: 10,
    words: 'total_amount present, for at least 99.9 % of rows',
    severity: 'warning',
    onFailure: 'continue',
    mostly: 0.999,
    why: 'An amount over the limit becomes NULL, for review.',
  });
});
