import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAskable, planSuite } from '../../expectations/compile.ts';
import type { Batch, Entry, Run } from '../../expectations/compile.ts';
import type { Example, Measured } from '../../expectations/define-expectation.ts';
import { judgeEntry } from '../../expectations/judge.ts';
import type { Json, JsonObject } from '../../expectations/json.ts';
import { promiseResult } from '../../expectations/promise-result.ts';
import type { PromiseResult } from '../../expectations/promise-result.ts';
import { expectationTypes } from '../../expectations/registry.gen.ts';
import type { Category } from '../../expectations/scan.ts';
import { expectation, suiteOf } from './suite-text.ts';

const asOf = '2017-01-01T00:00:00.000Z';
const nobody: ReadonlySet<string> = new Set();

function batchOf(columns: Readonly<Record<string, Category>>): Batch {
  return {
    relation: ['silver', 'things'],
    collapse: null,
    columns: new Map(
      Object.entries(columns).map(([name, category]) => [name, { name, category, type: category }]),
    ),
    key: [],
    context: {
      published: {
        relation: ['silver', 'things'],
        columns: null,
        indexed: new Set(),
        identity: null,
        isCandidate: true,
      },
      past: new Map(),
      physical: true,
    },
  };
}

/** One promise of a suite, read and planned. */
function plannedOf(
  written: JsonObject,
  columns: Readonly<Record<string, Category>>,
  run: Partial<Run> = {},
): Entry {
  const suite = suiteOf([written]);
  const [entry] = planSuite(suite, batchOf(columns), { values: {}, asOf, format: null, ...run });
  if (entry === undefined) throw new Error('There is no entry.');
  return entry;
}

/** What is kept of one promise, as measured. */
function keptOf(
  written: JsonObject,
  measured: Measured,
  {
    columns = { n: 'whole', at: 'time', t: 'text' },
    personal = nobody,
    run = {},
  }: {
    readonly columns?: Readonly<Record<string, Category>>;
    readonly personal?: ReadonlySet<string>;
    readonly run?: Partial<Run>;
  } = {},
): PromiseResult {
  return promiseResult(judgeEntry(plannedOf(written, columns, run), { measured }), personal);
}

describe('what is kept of a promise', () => {
  test('about rows: counts, and the share that must hold it', () => {
    const between = { column: 'n', min_value: 0, mostly: 0.95 };
    const written = expectation('expect_column_values_to_be_between', between, { severity: 'warning' });
    expect(keptOf(written, { elements: 12, present: 10, unexpected: 1 })).toMatchObject({
      outcome: 'broken',
      severity: 'warning',
      unexpected: 1,
      elements: 10,
      unit: 'share',
      observed: null,
      lower: 0.95,
      upper: null,
    });
  });

  test('about a figure of a column: what it came to, between its bounds', () => {
    const written = expectation('expect_column_max_to_be_between', {
      column: 'n',
      min_value: 1,
      max_value: 9,
    });
    const kept = { outcome: 'held', unit: 'value', observed: 7, lower: 1, upper: 9, unexpected: null };
    expect(keptOf(written, { observed: 7, outside: false })).toMatchObject(kept);
    expect(keptOf(written, { observed: '9007199254740992.0', outside: true })).toMatchObject({
      observed: 9_007_199_254_740_992,
    });
    expect(keptOf(written, { observed: null, outside: true })).toMatchObject({
      ...kept,
      outcome: 'broken',
      observed: null,
    });
  });

  test('about a time: how old it is, so that a bound that moves with the clock is a level line', () => {
    const fresh = { column: 'at', min_value: { $PARAMETER: 'now() - timedelta(minutes=lag)' } };
    const run = { values: { lag: 5 } };
    const measured = { observed: '2016-12-31T23:58:30+00:00', outside: false };
    const age = { unit: 'age', observed: 90, lower: null, upper: 300 };
    expect(keptOf(expectation('expect_column_max_to_be_between', fresh), measured, { run })).toMatchObject(
      age,
    );
    const spans = { column: 'at', max_age: '5 minutes', max_ahead: '1 minute' };
    const newest = { newest: '2016-12-31T23:58:30', stale: false, ahead: false, asOf };
    const own = keptOf(expectation('expect_column_max_to_be_fresh', spans), newest);
    expect(own).toMatchObject({ ...age, lower: -60 });
    const day = keptOf(expectation('expect_column_max_to_be_fresh', spans), {
      ...newest,
      newest: '2016-12-31',
    });
    expect(day).toMatchObject({ unit: 'age', observed: 0, lower: null, upper: 300 });
  });

  test('about how many: what a bound was learned to be, and what another table has', () => {
    const past = Array.from({ length: 4 }, () => 100);
    const learned = expectation('expect_table_row_count_to_be_within_learned_band', {});
    expect(keptOf(learned, { rows: 95, past })).toMatchObject({ observed: 95, lower: 60, upper: 140 });
    expect(keptOf(learned, { rows: 95, past: [100] })).toMatchObject({
      outcome: 'held',
      observed: 95,
      lower: null,
    });
    const other = expectation('expect_table_row_count_to_equal_other_table', { other_table_name: 'x' });
    expect(keptOf(other, { self: 3, other: 4 })).toMatchObject({ observed: 3, lower: 4, upper: 4 });
  });

  test('the highest number is some row’s value too: one that a card could have is not kept', () => {
    const highest = expectation('expect_column_max_to_be_between', { column: 'n', max_value: 4e15 });
    for (const observed of [5_555_555_555_554_444, '4111111111111111'])
      expect(keptOf(highest, { observed, outside: true })).toMatchObject({
        ...{ outcome: 'broken', unit: 'value', observed: null, upper: 4e15 },
      });
    expect(keptOf(highest, { observed: 5_555_555_555_554_445, outside: true })).toMatchObject({
      observed: 5_555_555_555_554_445,
    });
  });

  test('text is some row’s value, also where it looks like a number or a time', () => {
    const highest = expectation('expect_column_max_to_be_between', { column: 't' });
    for (const observed of ['4111111111111111', '2017-01-01', 'Erika'])
      expect(keptOf(highest, { observed, outside: false })).toMatchObject({ unit: null, observed: null });
  });

  test('SQL of the suite: nothing but whether it held', () => {
    const query = { unexpected_rows_query: 'select n from {batch}' };
    const kept = keptOf(expectation('unexpected_rows_expectation', query), {
      found: { count: 42, rows: [] },
    });
    expect(kept).toMatchObject({
      outcome: 'broken',
      unit: null,
      observed: null,
      lower: null,
      upper: null,
      unexpected: null,
    });
  });

  test('what could not be evaluated has no number, and is not broken but errored', () => {
    const absent = keptOf(expectation('expect_column_max_to_be_between', { column: 'no', max_value: 1 }), {});
    expect(absent).toMatchObject({ outcome: 'errored', unit: null, observed: null, upper: null });
  });

  test('a bound that came from a column marked personal is not kept', () => {
    const written = expectation('expect_column_max_to_be_between', {
      column: 'n',
      max_value: { $PARAMETER: 'most' },
    });
    const run = { values: { most: [77] }, queried: new Set(['most']), personal: new Set(['most']) };
    const kept = keptOf(written, { observed: 7, outside: false }, { run });
    expect(kept).toMatchObject({ observed: 7, upper: null });
    expect(
      keptOf(written, { observed: 7, outside: false }, { run: { ...run, personal: nobody } }).upper,
    ).toBe(77);
  });
});

const CATEGORIES: readonly (readonly [RegExp, Category])[] = [
  [/int|serial/, 'whole'],
  [/numeric|double|real|float/, 'number'],
  [/date|timestamp/, 'time'],
  [/bool/, 'boolean'],
  [/text|char/, 'text'],
];

function categoriesOf({ columns }: Example): Readonly<Record<string, Category>> {
  const named = Object.entries(columns).map(([name, type]) => {
    const category = CATEGORIES.find(([pattern]) => pattern.test(type))?.[1] ?? 'other';
    return [name, category] as const;
  });
  return Object.fromEntries(named);
}

const examples = Object.values(expectationTypes).flatMap((kind) =>
  kind.examples.map((example) => ({ kind, example })),
);
const value: fc.Arbitrary<Json> = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.string(),
);
const measure = fc.oneof(
  value,
  fc.record({ observed: value, outside: fc.boolean(), count: fc.nat() }),
  fc.array(value),
);
/** Measures by name: those of all types, so that any finds its own. */
const measures = fc.dictionary(
  fc.constantFrom(
    'observed',
    'outside',
    'figure',
    'elements',
    'present',
    'unexpected',
    'rows',
    'past',
    'count',
    'counts',
    'newest',
    'stale',
    'ahead',
    'asOf',
    'columns',
    'self',
    'other',
    'found',
    'missing',
    'values',
    'inside',
    'type',
    'names',
  ),
  measure,
  { minKeys: 8 },
);

/** What is kept, or nothing where the measures are not those of the type. */
function keptOrNot(entry: Entry, measured: Measured, personal: ReadonlySet<string>): PromiseResult | null {
  try {
    return promiseResult(judgeEntry(entry, { measured }), personal);
  } catch {
    return null;
  }
}

test('whatever is measured, no number of a personal column is kept, nor a bound that was set for it', () => {
  const seen = { personal: 0, told: 0 };
  // Each is read once: that takes longer than all else.
  const planned = new Map<Example, Entry>();
  fc.assert(
    fc.property(fc.constantFrom(...examples), measures, fc.nat(), (given, measured, pick) => {
      const { kind, example } = given;
      const entry =
        planned.get(example) ?? plannedOf(expectation(kind.type, example.kwargs), categoriesOf(example));
      planned.set(example, entry);
      const about = isAskable(entry) ? entry.bound.columns : [];
      fc.pre(about.length > 0);
      const personal = new Set([about[pick % about.length] ?? '']);
      const kept = keptOrNot(entry, measured, personal);
      const told = keptOrNot(entry, measured, nobody);
      if (kept === null || told === null) return;
      const mostly = kind.rowLevel ? (example.kwargs['mostly'] ?? 1) : null;
      expect(kept).toMatchObject({ observed: null, lower: mostly, upper: null });
      seen.personal += 1;
      seen.told += told.observed === null ? 0 : 1;
    }),
    { numRuns: 1500 },
  );
  // It is about something: of the same columns, were they nobody's, numbers are kept.
  expect(seen.told).toBeGreaterThan(10);
});

test('nor of rows that a personal column chooses', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (observed) => {
      const row_condition = { type: 'comparison', column: { name: 't' }, operator: '==', parameter: 'Erika' };
      const written = expectation('expect_column_max_to_be_between', {
        column: 'n',
        max_value: 5,
        row_condition,
      });
      const measured = { observed, outside: false };
      const hidden = { unit: null, observed: null, upper: null };
      expect(keptOf(written, measured, { personal: new Set(['t']) })).toMatchObject(hidden);
      expect(keptOf(written, measured)).toMatchObject({ unit: 'value', upper: 5 });
    }),
  );
});
