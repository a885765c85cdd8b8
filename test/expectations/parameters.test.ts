import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExpression } from '../../expectations/expression.ts';
import { evaluate } from '../../expectations/expression-value.ts';
import type { JsonObject } from '../../expectations/json.ts';
import { checkParameters, resolveKwargs, withheldParameters } from '../../expectations/parameters.ts';
import { parseSuite, SuiteRefused } from '../../expectations/suite.ts';
import { expectation, suiteOf, suiteText } from './suite-text.ts';

const AS_OF = '2017-01-02T03:00:00.000Z';

const fromQuery = new Set(['lo']);

function minOf(
  text: string,
  values: JsonObject = {},
  defaults: JsonObject = {},
  own: JsonObject = {},
  queried: ReadonlySet<string> = fromQuery,
) {
  const kwargs = { column: 'x', min_value: { $PARAMETER: text, ...own } };
  const suite = suiteOf([expectation('expect_column_values_to_be_between', kwargs)], {
    suite_parameters: defaults,
  });
  const [only] = suite.expectations;
  if (only === undefined) throw new Error('a suite of one has one');
  const { kwargs: resolved, problem } = resolveKwargs(suite, only, { values, queried, asOf: AS_OF });
  return resolved === null ? problem : resolved['min_value'];
}

describe('values', () => {
  test.each([
    ['lo', { lo: 5 }, 5],
    ['lo', { lo: '2017-01-01' }, '2017-01-01'],
    ['lo', { lo: [7] }, 7],
    ['lo + 1', { lo: [7] }, 8],
    ['lo * 100 - 1', { lo: 2 }, 199],
    ['2 ^ 3 ^ 2 + lo', { lo: 0 }, 512],
    ['-lo ^ 2', { lo: 3 }, -9],
    ['(lo + 1) * 2 / 4', { lo: 3 }, 2],
    ['lo + 1', { lo: ' 2.5 ' }, 3.5],
    ['abs(lo) + round(1.4) + trunc(-1.5) + sgn(-3)', { lo: -2 }, 1],
    ['round(lo, 1)', { lo: 1.26 }, 1.3],
    ['round(2.5) + round(-0.5) + round(lo)', { lo: 3.5 }, 6],
    ['round(lo, -2)', { lo: 1250 }, 1200],
    ['2 * PI - lo', { lo: 0 }, 2 * Math.PI],
    ['now()', {}, '2017-01-02T03:00:00+00:00'],
    ['now - timedelta(days=1)', {}, '2017-01-01T03:00:00+00:00'],
    ['now() - timedelta(minutes=5)', {}, '2017-01-02T02:55:00+00:00'],
    ['now() - timedelta(minutes=2*30)', {}, '2017-01-02T02:00:00+00:00'],
    ['now() - timedelta(hours=1, minutes=30)', {}, '2017-01-02T01:30:00+00:00'],
    ['now() - timedelta(1)', {}, '2017-01-01T03:00:00+00:00'],
    ['now() - timedelta(minutes=lag)', { lag: 15 }, '2017-01-02T02:45:00+00:00'],
    ['now() - 2 * timedelta(days=1)', {}, '2016-12-31T03:00:00+00:00'],
    ["now() - interval '5 minutes'", {}, '2017-01-02T02:55:00+00:00'],
    ["now() - INTERVAL '1 hour 30 minutes'", {}, '2017-01-02T01:30:00+00:00'],
    ['datetime(2024, 2, 29)', {}, '2024-02-29T00:00:00+00:00'],
    ['datetime(year=2024, month=1, day=1, microsecond=5)', {}, '2024-01-01T00:00:00.000005+00:00'],
    ['d0 - timedelta(days=1)', { d0: '2024-06-02' }, '2024-06-01T00:00:00+00:00'],
  ])('%s with %j is %j', (text, values, value) => {
    expect(minOf(text, values)).toEqual(value);
  });

  test('only a query’s list of one is that one: a list that was given is a list', () => {
    expect(minOf('lo', { lo: [7] }, {}, {}, new Set())).toEqual([7]);
    expect(minOf('lo + 1', { lo: [7] }, {}, {}, new Set())).toContain('neither a number nor a time');
  });

  test('a value beside the parameter wins over the run, and the run over the suite', () => {
    expect(minOf('lo', { lo: 2 }, { lo: 1 }, { '$PARAMETER.lo': 3 })).toBe(3);
    expect(minOf('lo', { lo: 2 }, { lo: 1 })).toBe(2);
    expect(minOf('lo', {}, { lo: 1 })).toBe(1);
  });

  test.each([
    ['lo', {}, 'no value for parameter `lo`'],
    ['lo + 1', { lo: 'many' }, 'neither a number nor a time'],
    ['lo + 1', { lo: [1, 2] }, 'neither a number nor a time'],
    ['1 / lo', { lo: 0 }, 'no finite number'],
    ['now() + lo', { lo: 1 }, 'has no meaning'],
    ['timedelta(days=lo)', { lo: 1 }, 'a length of time is no value'],
    ['datetime(2023, 2, lo)', { lo: 29 }, 'no date that exists'],
    ['now() + timedelta(days=lo)', { lo: 1e7 }, 'outside the years'],
    ['constructor', {}, 'no value for parameter'],
  ])('%s with %j fails for itself: %s', (text, values, problem) => {
    expect(minOf(text, values)).toContain(problem);
  });
});

describe('what may not be told of a value', () => {
  const [only] = suiteOf([
    expectation('expect_column_values_to_be_between', { column: 'x', min_value: { $PARAMETER: 'lo' } }),
  ]).expectations;
  test.each([
    ['a number of a query', 5, { queried: ['lo'] }, []],
    ['a time of a query', '2017-01-01', { queried: ['lo'] }, []],
    ['a number as text', '12345678901234567890', { queried: ['lo'] }, []],
    ['a text of a query: it is some row’s', 'Jo Doe', { queried: ['lo'] }, ['lo']],
    ['a number made of a personal column', 5, { queried: ['lo'], personal: ['lo'] }, ['lo']],
    ['a text of the header itself', 'Jo Doe', { queried: [] }, []],
  ])('%s', (_, value, names: { queried: string[]; personal?: string[] }, withheld) => {
    if (only === undefined) throw new Error('a suite of one has one');
    const { queried, personal = [] } = names;
    const known = { queried: new Set(queried), personal: new Set(personal) };
    expect(withheldParameters(only, { column: 'x', min_value: value }, known)).toEqual(withheld);
    expect(withheldParameters(only, null, known)).toEqual(queried);
  });
});

describe('parameters that refer to each other', () => {
  test.each<[string, JsonObject]>([
    ['itself', { lo: { $PARAMETER: 'lo' } }],
    ['another', { lo: { $PARAMETER: 'hi' }, hi: { $PARAMETER: 'lo' } }],
    ['an expression', { lo: { $PARAMETER: 'hi + 1' }, hi: 1 }],
  ])('a value that names %s is refused, and nothing is resolved twice', (_, values) => {
    expect(minOf('lo', values)).toMatch(/`lo` is itself a parameter.*plain value/);
    expect(() => minOf('lo', {}, values)).toThrow(SuiteRefused);
    expect(minOf('lo + 1', values)).toMatch(/lo/);
    expect(minOf('lo + 1', values)).not.toBe(2);
  });
});

describe('what is refused before a run', () => {
  test.each([
    '1',
    '0.5',
    'PI',
    'e',
    '',
    'lo +',
    '(lo',
    'lo)',
    'lo % 2',
    'lo ** 2',
    'lo < 1',
    "'lo'",
    '_lo',
    'my.lo',
    'lo hi',
    'nowx()',
    'timedelta(1, days=1)',
    "now() - '5 minutes'",
    'lo; drop table x',
    '$lo',
    'ö',
  ])('%s', (text) => {
    const written = suiteText([
      expectation('expect_column_values_to_be_between', { column: 'x', min_value: { $PARAMETER: text } }),
    ]);
    expect(() => parseSuite('test.json', written)).toThrow(SuiteRefused);
  });

  test.each([
    ['column', { column: { $PARAMETER: 'c' }, value_set: [1] }],
    ['an element of a list', { column: 'x', value_set: [1, { $PARAMETER: 'two' }] }],
    ['another key beside it', { column: 'x', value_set: { $PARAMETER: 'a', other: 1 } }],
    ['the old name', { column: 'x', value_set: { $EVALUATION: 'a' } }],
  ])('as %s', (_, kwargs) => {
    expect(() => suiteOf([expectation('expect_column_values_to_be_in_set', kwargs)])).toThrow(SuiteRefused);
  });

  test('an expression that nests without end', () => {
    expect(() => parseExpression(`${'('.repeat(400)}1${')'.repeat(400)}`)).toThrow('nests at most');
    expect(() => parseExpression('2^'.repeat(400))).toThrow('nests at most');
    expect(() => parseExpression('1+'.repeat(1000))).toThrow('at most 1000 characters');
  });
});

describe('names, before any value is known', () => {
  const suite = suiteOf(
    [
      expectation('expect_table_row_count_to_be_between', {
        min_value: { $PARAMETER: 'min_rows' },
        max_value: { $PARAMETER: 'min_rows * k' },
      }),
      expectation('expect_column_values_to_be_in_set', { column: 'x', value_set: { $PARAMETER: 'stores' } }),
    ],
    { suite_parameters: { min_rows: 1 } },
  );

  test('those without a default are required', () => {
    expect(checkParameters(suite, []).map(({ problem }) => problem)).toEqual([
      'parameter `k` has no value',
      'parameter `stores` has no value',
    ]);
  });

  test('a missing one names file, pointer and what there is', () => {
    expect(checkParameters(suite, ['k', 'store'])).toMatchObject([
      {
        file: 'test.json',
        pointer: '/expectations/1/kwargs/value_set',
        problem: 'parameter `stores` has no value',
        expected: 'a value',
      },
      {
        pointer: '',
        problem: 'parameter `store` is given and used by nothing',
        hint: 'Did you mean `stores`?',
      },
    ]);
    expect(checkParameters(suite, ['k', 'stores'])).toEqual([]);
  });
});

type Tree = { readonly text: string; readonly value: number };

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.integer({ min: 0, max: 99 }).map((value) => ({ text: String(value), value })),
    fc.constantFrom(...['a', 'b']).map((name) => ({ text: name, value: name === 'a' ? 3 : -4 })),
    fc.tuple(tie('tree'), fc.constantFrom('+', '-', '*'), tie('tree')).map(([left, sign, right]) => ({
      text: `(${left.text} ${sign}${right.text})`,
      value:
        sign === '+'
          ? left.value + right.value
          : sign === '-'
            ? left.value - right.value
            : left.value * right.value,
    })),
    tie('tree').map((inner) => ({ text: `-${inner.text}`, value: -inner.value })),
  ),
})).tree;

const scope = {
  now: { kind: 'instant', micros: 0 } as const,
  parameter: (name: string) => (name === 'a' ? 3 : name === 'b' ? '-4' : undefined),
};

describe('any expression', () => {
  test('is worth what its arithmetic is worth', () => {
    fc.assert(
      fc.property(tree, ({ text, value }) => {
        fc.pre(text.length <= 1000);
        expect(evaluate(parseExpression(text), scope)).toBeCloseTo(value, 6);
      }),
    );
  });

  test('is read or refused with a reason, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            'a',
            'b',
            '1',
            '9',
            '.',
            '(',
            ')',
            '+',
            '-',
            '*',
            '/',
            '^',
            ',',
            '=',
            ' ',
            "'",
            '_',
            '$',
            ';',
          ),
          maxLength: 30,
        }),
        (text) => {
          try {
            evaluate(parseExpression(text), scope);
          } catch (error) {
            expect(error).toHaveProperty('name', 'ExpressionError');
          }
        },
      ),
    );
  });
});
