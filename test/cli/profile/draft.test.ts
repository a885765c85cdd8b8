import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { draftPromises } from '../../../cli/profile/draft.ts';
import type { Drafted } from '../../../cli/profile/drafted.ts';
import { dayOf, roundDown, roundUp, shareUp } from '../../../cli/profile/outward.ts';
import { candidatePairs, tellingPairs } from '../../../cli/profile/pairs.ts';
import { looksPersonal } from '../../../cli/profile/personal.ts';
import type { ColumnProfile, TableProfile } from '../../../cli/profile/profile.ts';
import { patternOf, shapeAlphabet } from '../../../cli/profile/shapes.ts';

const number = (name: string, more: Partial<ColumnProfile> = {}): ColumnProfile => ({
  name,
  category: 'whole',
  type: 'integer',
  notNull: false,
  personal: false,
  present: 100,
  lowest: '3',
  highest: '871',
  shortest: null,
  longest: null,
  found: null,
  ...more,
});
const time = (name: string, more: Partial<ColumnProfile> = {}): ColumnProfile =>
  number(name, {
    category: 'time',
    type: 'timestamp with time zone',
    lowest: '2017-01-01T08:30:00+00:00',
    highest: '2017-01-02T09:00:00+00:00',
    ...more,
  });
const text = (
  name: string,
  found: Partial<ColumnProfile['found']>,
  more: Partial<ColumnProfile> = {},
): ColumnProfile =>
  number(name, {
    category: 'text',
    type: 'text',
    lowest: null,
    highest: null,
    shortest: 3,
    longest: 7,
    found: { present: 100, different: 100, values: null, classes: [], shapes: [], ...found },
    ...more,
  });
const table = (columns: readonly ColumnProfile[], more: Partial<TableProfile> = {}): TableProfile => ({
  relation: ['shop', 'sales'],
  rows: 100,
  asOf: '2017-01-02T10:00:00.000Z',
  columns,
  keys: [],
  foreignKeys: [],
  own: [],
  pairs: [],
  ...more,
});
const of = (column: ColumnProfile, more: Partial<TableProfile> = {}): readonly Drafted[] =>
  draftPromises(table([column], more)).filter(({ kwargs }) => kwargs['column'] === column.name);
const kwargsOf = (drafted: readonly Drafted[], type: string): readonly object[] =>
  drafted.filter((one) => one.type === type).map(({ kwargs }) => kwargs);

describe('a draft promises', () => {
  test('other columns beside the set where Weir keeps some for itself: a candidate has not all of them', () => {
    const type = 'expect_table_columns_to_match_set';
    const columns = [number('amount')];
    const set = (own: readonly string[]) => kwargsOf(draftPromises(table(columns, { own })), type);
    expect(set([])).toEqual([{ column_set: ['amount'], exact_match: true }]);
    expect(set(['_xid'])).toEqual([{ column_set: ['amount'], exact_match: false }]);
    expect(draftPromises(table([], { own: ['_xid'], rows: 0 }))).toEqual([]);
  });

  test('a range that is rounded outward, and of an identifier only where it begins', () => {
    const between = 'expect_column_values_to_be_between';
    expect(kwargsOf(of(number('amount')), between)).toEqual([
      { column: 'amount', min_value: 1, max_value: 1000 },
    ]);
    expect(kwargsOf(of(number('store_id')), between)).toEqual([{ column: 'store_id', min_value: 1 }]);
    const below = number('change', { category: 'number', lowest: '-0.3', highest: '-0.07' });
    expect(kwargsOf(of(below), between)).toEqual([{ column: 'change', min_value: -0.5, max_value: -0.05 }]);
    const strange = number('ratio', { category: 'number', lowest: '-Infinity', highest: 'NaN' });
    expect(kwargsOf(of(strange), between)).toEqual([]);
  });

  test('times from a day on, and none to come where none has', () => {
    const between = 'expect_column_values_to_be_between';
    const now = { $PARAMETER: 'now()' };
    const past = time('at');
    expect(kwargsOf(of(past), between)).toEqual([{ column: 'at', min_value: '2017-01-01', max_value: now }]);
    const planned = time('at', { highest: '2017-03-01T00:00:00+00:00' });
    expect(kwargsOf(of(planned), between)).toEqual([{ column: 'at', min_value: '2017-01-01' }]);
    const endless = time('at', { lowest: '0044-03-15T00:00:00 BC', highest: 'infinity' });
    expect(kwargsOf(of(endless), between)).toEqual([]);
  });

  test('freshness where somebody waits for the next row', () => {
    const fresh = 'expect_column_max_to_be_between';
    const min_value = { $PARAMETER: 'now() - timedelta(hours=2)' };
    expect(kwargsOf(of(time('at')), fresh)).toEqual([{ column: 'at', min_value }]);
    expect(kwargsOf(of(time('at'), { asOf: '2017-03-01T00:00:00.000Z' }), fresh)).toEqual([]);
    expect(kwargsOf(of(time('at'), { asOf: '2017-01-02T08:00:00.000Z' }), fresh)).toEqual([]);
  });

  test('a share of NULLs that is rounded up, and nothing of a column without values', () => {
    const present = 'expect_column_values_to_not_be_null';
    expect(kwargsOf(of(number('a', { present: 87 })), present)).toEqual([{ column: 'a', mostly: 0.8 }]);
    expect(of(number('a', { present: 0, lowest: null, highest: null })).map(({ type }) => type)).toEqual([
      'expect_column_values_to_be_of_type',
    ]);
  });

  test('a set where values come again, and a range where they are one after the other', () => {
    const set = 'expect_column_values_to_be_in_set';
    const found = { present: 100, different: 3, values: [1, 2, 3], classes: [], shapes: [] };
    expect(kwargsOf(of(number('size', { found: { ...found, values: [1, 2, 4] } })), set)).toHaveLength(1);
    expect(kwargsOf(of(number('size', { found })), set)).toEqual([]);
    expect(kwargsOf(of(number('size', { found })), 'expect_column_values_to_be_between')).toHaveLength(1);
    const rare = text('city', { different: 30, values: ['a', 'b'] });
    expect(kwargsOf(of(rare), set)).toEqual([]);
  });

  test('of a personal column no value, no range and no literal of a pattern', () => {
    const card = text(
      'card',
      { shapes: [{ shape: 'AA99', rows: 100, prefix: 'DE1' }], values: ['DE12'], different: 1 },
      { personal: true },
    );
    expect(JSON.stringify(of(card))).not.toContain('DE');
    expect(kwargsOf(of(card), 'expect_column_values_to_match_regex')).toEqual([
      { column: 'card', regex: '^[A-Z]{2}[0-9]{2}$' },
    ]);
    const birth = time('birth', { personal: true });
    expect(of(birth).map(({ type }) => type)).toEqual([
      'expect_column_values_to_be_of_type',
      'expect_column_values_to_not_be_null',
    ]);
  });

  test('keys as critical: what an index says, else the first that the data has', () => {
    const critical = (keys: TableProfile['keys']): readonly string[] =>
      draftPromises(table([number('a'), number('b')], { keys }))
        .filter((one) => one.critical)
        .map(
          ({ type, kwargs }) =>
            `${type.replace(/^expect_column_values_to_|^expect_/, '')} ${JSON.stringify(kwargs['column'] ?? kwargs['column_list'])}`,
        );
    expect(
      critical([
        { columns: ['a'], index: null },
        { columns: ['b'], index: null },
      ]),
    ).toEqual(['be_unique "a"', 'not_be_null "a"']);
    expect(
      critical([
        { columns: ['a', 'b'], index: 'k' },
        { columns: ['b'], index: null },
      ]),
    ).toEqual(['compound_columns_to_be_unique ["a","b"]', 'not_be_null "a"', 'not_be_null "b"']);
  });

  test('a reference as a query with every name quoted', () => {
    const foreignKeys = [
      { name: 'fk', columns: ['a"b'], target: ['shop', 'x{y}'] as const, targetColumns: ['id'] },
    ];
    const [last] = draftPromises(table([number('a"b')], { foreignKeys })).slice(-1);
    expect(last?.kwargs).toEqual({
      unexpected_rows_query:
        'select b.* from {batch} b where b."a""b" is not null and not exists (select 1 from "shop"."x{{y}}" r where r."id" = b."a""b")',
    });
  });
});

describe('rounding outward', () => {
  test.each([
    [0, 0, 0],
    [8932, 5000, 10_000],
    [1000, 1000, 1000],
    [0.3, 0.2, 0.5],
    [-8932, -10_000, -5000],
    [3e-9, 2e-9, 5e-9],
  ])('of %d gives %d and %d', (value, low, high) => {
    expect([roundDown(value), roundUp(value)]).toEqual([low, high]);
  });

  test('never goes inward', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const [low, high] = [roundDown(value), roundUp(value)];
        expect(low === null || low <= value).toBe(true);
        expect(high === null || high >= value).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
        expect(shareUp(share)).toBeGreaterThanOrEqual(share);
      }),
    );
  });

  test('of a time gives its day in UTC', () => {
    expect(dayOf('2017-01-01T00:30:00+01:00')).toBe('2016-12-31');
    expect(dayOf('infinity')).toBeNull();
  });
});

describe('a pattern', () => {
  test.each<[readonly string[], string, string | null]>([
    [['A99999999'], 'T', '^T[0-9]{8}$'],
    [['A99999999'], 'T00', '^T[0-9]{8}$'],
    [['AA-9', 'AA-999'], '', '^[A-Z]{2}-[0-9]{1,3}$'],
    [['a.9', '99'], '', '^([a-z]\\.[0-9]|[0-9]{2})$'],
    [['9999'], '2017', '^[0-9]{4}$'],
    [['aaa', 'aaaaa'], '', null],
    [['9', 'a', 'A', '9a'], '', null],
    [['', '9'], '', null],
    [['9'.repeat(300)], '', null],
    [[], '', null],
  ])('of %j after %j is %s', (shapes, prefix, pattern) => {
    const all = shapes.map((shape) => ({ shape, rows: 1, prefix }));
    expect(patternOf(all, all.length, true)).toBe(pattern);
  });

  test('leaves out what hardly any text looks like, and is none where too many look otherwise', () => {
    const usual = { shape: 'A999', rows: 995, prefix: 'T' };
    const odd = { shape: 'aaa aaa', rows: 5, prefix: 'odd one' };
    expect(patternOf([odd, usual], 1000, true)).toBe('^T[0-9]{3}$');
    expect(
      patternOf(
        [
          { ...odd, rows: 15 },
          { ...usual, rows: 985 },
        ],
        1000,
        true,
      ),
    ).toBe('^([A-Z][0-9]{3}|[a-z]{3} [a-z]{3})$');
    expect(patternOf([usual, odd], 2000, true)).toBeNull();
  });

  test('matches the texts it was made from', () => {
    const shapeOf = (one: string): string =>
      Array.from(one, (sign) => {
        const at = shapeAlphabet.from.indexOf(sign);
        return at < 0 ? sign : shapeAlphabet.to[at];
      }).join('');
    const signs = fc.constantFrom(...'09azAZ^$.|?*+()[]{}\\-=é😀 '.split(''));
    const texts = fc.array(fc.string({ unit: signs, minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(texts, fc.constantFrom('', 'T', 'x9', '(a'), (ends, prefix) => {
        const all = ends.map((end) => prefix + end);
        const shapes = all.map((one) => ({ shape: shapeOf(one), rows: 1, prefix }));
        const pattern = patternOf(shapes, shapes.length, true);
        if (pattern === null) return;
        for (const one of all) expect([pattern, new RegExp(pattern, 'u').test(one)]).toEqual([pattern, true]);
      }),
    );
  });
});

test('names that speak of a person', () => {
  const personal = [
    'email',
    'customerEmail',
    'first_name',
    'customer_name',
    'card_number',
    'phone',
    'date_of_birth',
    'iban',
    'tax_id',
    'Postal Code',
    'account_no',
  ];
  const others = [
    'store_name',
    'product_name',
    'amount',
    'store_id',
    'scorecards',
    'region',
    'account_balance',
    'discount',
    'name',
  ];
  expect(personal.filter((name) => !looksPersonal(name))).toEqual([]);
  expect(others.filter((name) => looksPersonal(name))).toEqual([]);
});

test('pairs are times, and amounts whose names share a word; what follows from two others is left out', () => {
  const columns = [
    time('opened'),
    time('closed'),
    number('net_amount'),
    number('total_amount'),
    number('store_id'),
    number('other_id'),
    number('weight'),
  ];
  const pairs = candidatePairs(columns).map(({ low, high }) => `${low} ${high}`);
  expect(pairs.toSorted()).toEqual([
    'closed opened',
    'net_amount total_amount',
    'opened closed',
    'total_amount net_amount',
  ]);
  const chain = [
    { low: 'a', high: 'b' },
    { low: 'b', high: 'c' },
    { low: 'a', high: 'c' },
  ];
  expect(tellingPairs(chain)).toEqual(chain.slice(0, 2));
});
