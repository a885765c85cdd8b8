import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundAdvice } from '../../catalogue/bound-advice.ts';
import type { BoundAdvice } from '../../catalogue/bound-advice.ts';
import type { BoundsHolding } from '../../catalogue/read/promise-history.ts';
import { gatesBySuite } from '../../catalogue/read/suite-gates.ts';
import type { JsonObject } from '../../expectations/json.ts';
import { parseSuite } from '../../expectations/suite.ts';
import { parseModel } from '../../models/parse.ts';

interface Found extends Partial<BoundsHolding> {
  readonly now?: { readonly lower: number | null; readonly upper: number | null };
}

const header = `/*
kind: incremental
unique_key: [id]
schedule: hourly
owner: store-data
tier: 2
description: A model.
grain: one row an id
gates:
  input:
    suite: s
    parameters: {given: 5, asked: {query: select 1}, minutes: 60}
*/
select id, _source, _revision, _load, _position from delta.raw_things
`;

async function advise(
  expectation: JsonObject,
  { now, ...found }: Found,
  suiteParameters: JsonObject = {},
): Promise<BoundAdvice | null> {
  const suite = parseSuite(
    'expectations/suites/s.json',
    JSON.stringify({ name: 's', expectations: [expectation], suite_parameters: suiteParameters }),
  );
  const model = await parseModel('models/silver/things.sql', header);
  const [asking] = gatesBySuite({ models: [model] }).get('s') ?? [];
  const [first] = suite.expectations;
  if (asking === undefined || first === undefined) throw new Error('nothing to advise about');
  return boundAdvice({
    suite,
    expectation: first,
    asking,
    holding: { promiseId: 1, evaluations: 500, lower: null, upper: null, unit: 'value', ...found },
    latest: now ?? null,
  });
}

const rows = (kwargs: JsonObject): JsonObject => ({ type: 'expect_table_row_count_to_be_between', kwargs });
const mean = (kwargs: JsonObject): JsonObject => ({
  type: 'expect_column_mean_to_be_between',
  kwargs: { column: 'x', ...kwargs },
});

test('arguments to paste are those of the suite with the bounds that would have held', async () => {
  const advice = await advise(rows({ min_value: 100, max_value: 20_000_000 }), {
    lower: 80,
    upper: 14_022,
    now: { lower: 100, upper: 20_000_000 },
  });
  expect(advice?.bounds).toEqual([
    { side: 'lower', wanted: 80, now: 100, looser: true },
    { side: 'upper', wanted: 14_022, now: 20_000_000, looser: false },
  ]);
  expect(advice?.paste).toHaveLength(1);
  expect(advice?.paste[0]?.place).toBe('expectations/suites/s.json, /expectations/0');
  expect(JSON.parse(`{${advice?.paste[0]?.text}}`)).toEqual({ kwargs: { min_value: 80, max_value: 14_022 } });
});

test('a bound that was strict is none any more: what was seen lies on it', async () => {
  const advice = await advise(mean({ min_value: 0, strict_min: true, max_value: 9, strict_max: true }), {
    lower: 1.23456,
    upper: 9,
    now: { lower: 0, upper: 9 },
  });
  expect(JSON.parse(`{${advice?.paste[0]?.text}}`)).toEqual({
    kwargs: { column: 'x', min_value: 1.234, max_value: 9, strict_max: true },
  });
});

test('too few evaluations, a band that learns by itself, rows that all kept it: nothing is said', async () => {
  expect(await advise(rows({ min_value: 1 }), { lower: 5, evaluations: 19 })).toBeNull();
  expect(await advise(rows({ min_value: 1 }), { lower: 5, evaluations: 20 })).not.toBeNull();
  expect(
    await advise(
      { type: 'expect_table_row_count_to_be_within_learned_band', kwargs: {} },
      { lower: 5, upper: 9 },
    ),
  ).toBeNull();
  const present = { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'x' } };
  expect(await advise(present, { unit: 'share', lower: 1, now: { lower: 1, upper: null } })).toBeNull();
  expect(await advise(rows({ min_value: 5 }), { lower: 5, now: { lower: 5, upper: null } })).toBeNull();
});

test('the share of rows goes into mostly, rounded so that it holds', async () => {
  const advice = await advise(
    { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'x' } },
    { unit: 'share', lower: 0.998_765_4, now: { lower: 1, upper: null } },
  );
  expect(advice?.paste.map(({ text }) => text).join()).toContain('"mostly": 0.9987');
});

test('a parameter is changed where its value stands, and not at all where a query gives it', async () => {
  const parameter = (name: string): JsonObject => rows({ min_value: { $PARAMETER: name } });
  expect((await advise(parameter('given'), { lower: 3 }))?.paste).toEqual([
    { place: 'models/silver/things.sql, gates.input.parameters', text: 'given: 3' },
  ]);
  expect((await advise(parameter('default'), { lower: 3 }, { default: 9 }))?.paste).toEqual([
    { place: 'expectations/suites/s.json, /suite_parameters', text: '"default": 3' },
  ]);
  expect((await advise(parameter('asked'), { lower: 3 }))?.paste).toEqual([]);
  const age = await advise(
    {
      type: 'expect_column_max_to_be_between',
      kwargs: { column: 'at', min_value: { $PARAMETER: 'now() - timedelta(minutes=minutes)' } },
    },
    { unit: 'age', upper: 1830, now: { lower: null, upper: 3600 } },
  );
  expect(age?.paste.map(({ text }) => text)).toEqual(['minutes: 31']);
});

test('two parameters of one place are pasted at once', async () => {
  const both = rows({ min_value: { $PARAMETER: 'least' }, max_value: { $PARAMETER: 'most' } });
  const advice = await advise(both, { lower: 3, upper: 8 }, { least: 9, most: 10 });
  expect(advice?.paste).toEqual([
    { place: 'expectations/suites/s.json, /suite_parameters', text: '"least": 3,\n"most": 8' },
  ]);
});

test('whatever was found, a rounded bound is never tighter than what would have held', async () => {
  await fc.assert(
    fc.asyncProperty(fc.double({ min: -1e9, max: 1e9, noNaN: true }), async (value) => {
      const advice = await advise(mean({ min_value: -1e10, max_value: 1e10 }), {
        lower: value,
        upper: value,
      });
      const [lower, upper] = ['lower', 'upper'].map(
        (side) => advice?.bounds.find((one) => one.side === side)?.wanted,
      );
      expect(lower).toBeLessThanOrEqual(value);
      expect(upper).toBeGreaterThanOrEqual(value);
    }),
    { numRuns: 100 },
  );
});
