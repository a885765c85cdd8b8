import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toldResults } from '../../catalogue/data-docs/told-result.ts';
import { isList, isObject } from '../../expectations/json.ts';
import type { Json, JsonObject } from '../../expectations/json.ts';
import { expectationTypes } from '../../expectations/registry.gen.ts';
import { readResultFormat } from '../../expectations/result-format.ts';
import { ask } from '../activities/gate/batch.ts';
import type { Asking, ExampleTable } from '../activities/gate/batch.ts';
import { expectation, suiteOf } from '../expectations/suite-text.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { findPython, loadWithGreatExpectations } from './load.ts';
import type { Given, Loaded } from './load.ts';

const found = findPython();
const python = 'python' in found ? found.python : null;
const why = 'missing' in found ? `: skipped, ${found.missing}` : '';
const FORMATS: readonly Json[] = [
  'BOOLEAN_ONLY',
  'SUMMARY',
  'BASIC',
  { result_format: 'COMPLETE', return_unexpected_index_query: true, include_unexpected_rows: true },
  { result_format: 'COMPLETE', exclude_unexpected_values: true },
];

/** What Great Expectations cannot state. */
const OWN_TYPES = /max_to_be_fresh|learned_band|_published|exist_in_other_table/;

/**
 * Where its pages fail on its own results too, by name of the result and what it says: it renders fields that it does
 * not give on SQL, or not in the format BOOLEAN_ONLY, and an infinite end of a bin is no number in JSON.
 */
const ITS_OWN: readonly (readonly [of: RegExp, says: RegExp])[] = [
  [/distinct_values_to_(be_in|equal)_set|hostile/, /KeyError: "'unexpected_percent'"/],
  [/match_comparison.*SUMMARY/, /KeyError: "'element_count'"/],
  [/BOOLEAN_ONLY/, /KeyError: .*observed_value/],
  // Its pages know only its own types; results of Weir's own load and are judged all the same.
  [OWN_TYPES, /^its page: ExpectationNotFoundError: expect_\w+ not found$/],
  [/kl_divergence.*beyond/, /__round__|'NoneType' object has no attribute 'kwargs'/],
];

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
});
afterAll(() => database.drop());

/** One result a format: whatever of a table and suite Great Expectations has to take. */
async function results(
  name: string,
  expectations: readonly Json[],
  table: ExampleTable,
  asking: Asking = {},
  more: JsonObject = {},
  formats = FORMATS,
): Promise<Given[]> {
  const given: Given[] = [];
  for (const written of formats) {
    const format = readResultFormat(written);
    const { json } = await ask(database.admin, suiteOf(expectations, more), table, { ...asking, format });
    given.push({ name: `${name} ${JSON.stringify(written)}`, kind: 'result', text: JSON.stringify(json) });
  }
  return given;
}

/** Weir's own types are unknown to Great Expectations, which still has to take a result that holds them. */
async function ofEveryType(): Promise<Given[]> {
  const given: Given[] = [];
  for (const [type, kind] of Object.entries(expectationTypes)) {
    for (const [place, example] of kind.examples.entries()) {
      const key = Object.keys(example.columns).slice(0, 1);
      given.push(
        ...(await results(
          `${type}: ${example.title}`,
          [expectation(type, example.kwargs)],
          example,
          { key },
          {},
          FORMATS.slice(place === 0 ? 0 : 1, 2),
        )),
      );
    }
  }
  return given;
}

/** Nothing is known of any gate: all columns may be personal, and nothing of the arguments is the suite's own. */
function told(text: string): string {
  const result: JsonObject = JSON.parse(text);
  const { results } = result;
  const telling = {
    promises: null,
    personal: null,
    parameters: { queried: new Set<string>(), personal: new Set<string>() },
  };
  return JSON.stringify({
    ...result,
    suite_parameters: {},
    results: toldResults(isList(results) ? results : [], telling),
  });
}

const wide: ExampleTable = {
  columns: {
    'a "b".c ünïcode': 'integer',
    n: 'numeric',
    f: 'float8',
    big: 'bigint',
    t: 'text',
    at: 'timestamptz',
    d: 'date',
  },
  rows: [
    ['1', 'NaN', 'Infinity', '9007199254740993', '<b>&"quoted"</b>', 'infinity', '0044-03-15 BC'],
    ['2', '1e300', '-Infinity', '-9223372036854775808', '\\u0041 \u2028', '2017-01-01', 'infinity'],
    ['2', '0.1', 'NaN', '1', null, null, null],
    [null, null, null, null, "O'Brien $PARAMETER $a", '2017-01-02', '2017-01-02'],
  ],
};
const columns = Object.keys(wide.columns);

async function hostile(): Promise<Given[]> {
  const about = columns.flatMap((column) => [
    expectation('expect_column_values_to_be_in_set', { column, value_set: [] }),
    expectation('expect_column_values_to_be_null', { column, mostly: 0.5 }),
    expectation('expect_column_max_to_be_between', { column, min_value: 0, max_value: 1 }),
    expectation('expect_column_distinct_values_to_be_in_set', { column, value_set: ['x'] }),
    expectation('expect_column_unique_value_count_to_be_between', { column, max_value: 0 }),
  ]);
  const others = [
    expectation('unexpected_rows_expectation', { unexpected_rows_query: 'select * from {batch}' }),
    expectation('unexpected_rows_expectation', { unexpected_rows_query: 'select 1 / 0 from {batch}' }),
    expectation('expect_column_values_to_be_unique', { column: 'gone' }),
    expectation('expect_compound_columns_to_be_unique', { column_list: columns }),
    expectation('expect_column_quantile_values_to_be_between', {
      column: 'big',
      quantile_ranges: {
        quantiles: [0, 0.5],
        value_ranges: [
          [0, null],
          [null, 1],
        ],
      },
    }),
  ];
  return results('hostile values', [...about, ...others], wide, { key: columns.slice(0, 1) });
}

const rows: ExampleTable = {
  columns: { id: 'integer', status: 'text', at: 'timestamptz' },
  rows: [
    ['1', 'paid', '2017-01-01 09:59:00+00'],
    ['2', 'open', '2017-01-01 09:58:00+00'],
    ['3', null, null],
  ],
};
const paid = {
  type: 'comparison',
  column: { name: 'status' },
  operator: '==',
  parameter: 'paid',
};

async function dressed(): Promise<Given[]> {
  const between = (more: JsonObject): JsonObject => ({ column: 'id', min_value: 2, ...more });
  const type = 'expect_column_values_to_be_between';
  return results(
    'conditions, parameters, notes',
    [
      expectation(type, between({ row_condition: paid })),
      expectation(
        type,
        between({ row_condition: 'col("status") == "paid"', condition_parser: 'great_expectations' }),
      ),
      expectation(type, between({ min_value: { $PARAMETER: 'lowest' } }), {
        id: '0b8b1a0e-34b4-4f6b-8a2b-6d8b3e0c2c11',
        severity: 'warning',
        notes: ['a note', 'and another'],
        description: 'ids from 2 on',
        meta: { owner: 'shop', weir: {} },
      }),
      expectation(type, between({}), { id: 'not a uuid', severity: 'info' }),
      expectation('expect_column_max_to_be_between', {
        column: 'at',
        min_value: { $PARAMETER: "now() - interval '5 minutes'" },
      }),
    ],
    rows,
    { values: { lowest: 3, stores: ['S1', 'S2'] }, key: ['id'] },
    { id: 'nor is this', meta: { weir: { owner: 'shop' } } },
  );
}

function complaints(said: ReadonlyMap<string, Loaded>): readonly string[] {
  return [...said].flatMap(([name, { problems }]) =>
    problems.flatMap((one) =>
      ITS_OWN.some(([of, says]) => of.test(name) && says.test(one)) ? [] : [`${name}: ${one}`],
    ),
  );
}

describe.skipIf(python === null)(`Great Expectations itself${why}`, () => {
  test.each([
    ['every type and example', ofEveryType],
    ['hostile values', hostile],
    ['conditions, parameters, ids and notes', dressed],
  ])(
    'loads, stores, reads back and renders results: %s',
    async (_, make) => {
      const given = await make();
      const said = await loadWithGreatExpectations(python ?? '', given);
      expect(complaints(said)).toEqual([]);
      expect([...said.keys()]).toEqual(given.map(({ name }) => name));
      for (const { name, text } of given) {
        const json: Json = JSON.parse(text);
        const { success = null, statistics = {} } = isObject(json) ? json : {};
        const { unsuccessful_expectations: failed = null } = isObject(statistics) ? statistics : {};
        expect(said.get(name)?.facts).toMatchObject({ success, failed });
      }
    },
    300_000,
  );

  test('shows results of every type and example as `weir docs export` tells them', async () => {
    const given = (await ofEveryType()).map((one) => ({ ...one, text: told(one.text) }));
    const said = await loadWithGreatExpectations(python ?? '', given);
    expect(complaints(said)).toEqual([]);
  }, 300_000);

  test('builds its pages with a result that lies where its project keeps them', async () => {
    const [result] = await dressed();
    const given: Given[] = [{ name: 'site', kind: 'site', text: result?.text ?? '' }];
    const said = await loadWithGreatExpectations(python ?? '', given);
    expect(said.get('site')).toMatchObject({ problems: [], facts: { evaluated: 5 } });
  }, 120_000);

  test('imports the shipped suites, all but what it cannot state', async () => {
    const folder = path.resolve(import.meta.dirname, '..', '..', 'expectations', 'suites');
    const suites = readdirSync(folder).map((name) => {
      const text = readFileSync(path.join(folder, name), 'utf8');
      const suite: { expectations: { type: string }[] } = JSON.parse(text);
      const known = suite.expectations.filter(({ type }) => !OWN_TYPES.test(type));
      return { name, text, known };
    });
    const given = suites.flatMap(({ name, text, known }): Given[] => [
      { name: `all of ${name}`, kind: 'suite', text },
      {
        name,
        kind: 'suite',
        text: JSON.stringify({ ...JSON.parse(text), expectations: known }),
      },
    ]);
    const said = await loadWithGreatExpectations(python ?? '', given);
    for (const { name, known } of suites) {
      expect(said.get(name)).toMatchObject({ problems: [], facts: { evaluated: known.length } });
      expect(said.get(`all of ${name}`)).toMatchObject({ facts: { evaluated: known.length } });
    }
  }, 120_000);
});
