import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { suiteSchema } from '../../../expectations/generate/suite-schema.ts';
import type { ExpectationType } from '../../../expectations/define-expectation.ts';
import { isObject } from '../../../expectations/json.ts';
import type { Json, JsonObject } from '../../../expectations/json.ts';
import { expectationTypes } from '../../../expectations/registry.gen.ts';
import { parseSuite, SuiteRefused } from '../../../expectations/suite.ts';
import { readCases } from '../../conformance/read-cases.ts';
import { expectation } from '../suite-text.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
const kinds: readonly ExpectationType[] = Object.values(expectationTypes);

const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
ajv.addVocabulary(['markdownEnumDescriptions']);
const validate = ajv.compile(suiteSchema(expectationTypes));

const taken = (suite: Json): boolean => validate(suite);
const parsed = (suite: Json): boolean => {
  try {
    parseSuite('test.json', JSON.stringify(suite));
    return true;
  } catch (error) {
    if (error instanceof SuiteRefused) return false;
    throw error;
  }
};
const suiteOf = (...expectations: Json[]): JsonObject => ({ name: 'test', expectations });
const example = (kind: ExpectationType): JsonObject => kind.examples[0]?.kwargs ?? {};

describe('the schema takes', () => {
  test.each(globSync(['expectations/suites/*.json', 'test/conformance/suites/*.json'], { cwd: ROOT }))(
    '%s',
    (file) => {
      const suite: Json = JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));
      expect([taken(suite), validate.errors]).toEqual([true, null]);
    },
  );

  test('every example of every type', () => {
    for (const kind of kinds)
      for (const { kwargs } of kind.examples) {
        taken(suiteOf(expectation(kind.type, kwargs)));
        expect([kind.type, validate.errors]).toEqual([kind.type, null]);
      }
  });

  test('every suite of the open conformance cases that Weir takes', () => {
    const cases = readCases(path.join(ROOT, 'test/conformance/conformance-open.jsonl.gz'));
    const suites = cases.map(({ id, suiteText }) => ({ id, suite: JSON.parse(suiteText) }));
    const accepted = suites.filter(({ suite }) => parsed(suite));
    expect(accepted.length).toBeGreaterThan(1000);
    expect(accepted.filter(({ suite }) => !taken(suite)).map(({ id }) => id)).toEqual([]);
  }, 60_000);
});

const present = expectation('expect_column_values_to_not_be_null', { column: 'id' });
const row = (row_condition: Json, more: JsonObject = {}): JsonObject =>
  suiteOf(expectation('expect_column_values_to_not_be_null', { column: 'id', row_condition, ...more }));
const comparison = (more: JsonObject = {}): JsonObject => ({
  type: 'comparison',
  column: { name: 'qty' },
  operator: '>',
  parameter: 1,
  ...more,
});

/** Each is wrong for one reason, and refused by both. */
const wrong: readonly [string, Json][] = [
  ['no suite', []],
  ['no name', { expectations: [present] }],
  ['nothing promised', suiteOf()],
  ['an unknown key', { ...suiteOf(present), expectatons: [] }],
  [
    'defaults that refer to each other',
    { ...suiteOf(present), suite_parameters: { a: { $PARAMETER: 'b' } } },
  ],
  ['an unknown key of meta.weir', { ...suiteOf(present), meta: { weir: { ownr: 'x' } } }],
  ['an expectation without a type', suiteOf({ kwargs: {} })],
  ['an unknown type', suiteOf(expectation('expect_column_values_to_not_be_nul', { column: 'id' }))],
  ['an unknown type of the older form', suiteOf({ expectation_type: 'nope', kwargs: { column: 'id' } })],
  ['an unknown severity', suiteOf({ ...present, severity: 'error' })],
  ['no arguments', suiteOf({ type: 'expect_column_values_to_not_be_null' })],
  [
    'an unknown argument',
    suiteOf(expectation('expect_column_values_to_not_be_null', { column: 'id', colum: 1 })),
  ],
  [
    'a column as a parameter',
    suiteOf(expectation('expect_column_values_to_not_be_null', { column: { $PARAMETER: 'c' } })),
  ],
  [
    'a share above 1',
    suiteOf(expectation('expect_column_values_to_not_be_null', { column: 'id', mostly: 2 })),
  ],
  [
    'a bound that is no time',
    suiteOf(expectation('expect_column_values_to_be_between', { column: 'id', min_value: 'yesterday' })),
  ],
  [
    'something beside a parameter',
    suiteOf(
      expectation('expect_column_values_to_be_between', {
        column: 'id',
        min_value: { $PARAMETER: 'lo', or: 1 },
      }),
    ),
  ],
  ['a condition without a column', row(comparison({ column: 'qty' }))],
  ['a condition that is none', row({ type: 'xor', conditions: [] })],
  ['a group without its type', row({ conditions: [comparison()] })],
  ['an or inside an and', row({ type: 'and', conditions: [{ type: 'or', conditions: [comparison()] }] })],
  ['a list of numbers and texts', row(comparison({ operator: 'IN', parameter: [1, 'a'] }))],
  ['NULL as a value to compare with', row(comparison({ parameter: null }))],
  ['older text without its parser', row('col("qty") > 1')],
  ['text of pandas', row('qty > 1', { condition_parser: 'pandas' })],
  [
    'a condition where it has no meaning',
    suiteOf(expectation('expect_table_column_count_to_equal', { value: 1, row_condition: comparison() })),
  ],
  [
    'a result format that is none',
    suiteOf(expectation('expect_column_values_to_not_be_null', { column: 'id', result_format: 'ALL' })),
  ],
];

describe('the schema refuses', () => {
  test.each(wrong)('%s', (_, suite) => {
    expect([parsed(suite), taken(suite)]).toEqual([false, false]);
  });
});

test('types and arguments have words for an editor to show', () => {
  const { definitions } = suiteSchema(expectationTypes);
  if (!isObject(definitions)) throw new Error('no definitions');
  for (const { type, properties } of kinds) {
    expect(definitions[type]).toMatchObject({ description: expect.stringMatching(/\S/) });
    for (const [name, schema] of Object.entries(properties))
      expect([type, name, schema.description]).toEqual([type, name, expect.stringMatching(/\S/)]);
  }
});

/** Values that sit on the edges of what schemas tell apart. */
const edge: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    false,
    0,
    1,
    -1,
    0.5,
    2,
    '',
    'id',
    '1',
    ' 2.5 ',
    '2017-01-01',
    'ANY',
    'any',
  ),
  fc.constantFrom<Json>([], ['a'], [1, 'a'], ['a', 'b'], [['a', 1]], {}, { $PARAMETER: 'lo' }),
  fc.constantFrom<Json>('COMPLETE', { result_format: 'BASIC' }, comparison(), 'col("a") > 1'),
  fc.constantFrom<Json>(
    { weir: { on_failure: 'hold' } },
    { weir: { order_by: ['a'], proofs: false } },
    { weir: { owner: 'x', runbook: null } },
    { weir: { owner: '' } },
    { weir: { quarantine_share: 2 } },
    { weir: 'x', other: 1 },
  ),
  fc.constantFrom<Json>({ type: 'or', conditions: [comparison()] }, { column: { name: 'a' }, is_null: true }),
  fc.constantFrom<Json>(
    { $PARAMETER: 5 },
    { $PARAMETER: 'lo', '$PARAMETER.lo': 5 },
    { column: { name: 'a' } },
  ),
);

/** A suite of one good expectation with one thing changed, left out or added, in its arguments or around them. */
const mutated: fc.Arbitrary<JsonObject> = fc
  .record({
    kind: fc.constantFrom(...kinds),
    place: fc.constantFrom('kwargs', 'expectation', 'suite'),
    name: fc.nat(),
    change: fc.option(edge, { nil: undefined }),
    older: fc.boolean(),
  })
  .map(({ kind, place, name, change, older }) => {
    const written = { [older ? 'expectation_type' : 'type']: kind.type, severity: 'info' };
    const names =
      {
        kwargs: Object.keys(kind.properties),
        expectation: ['type', 'expectation_type', 'kwargs', 'severity', 'meta', 'notes', 'id', 'nonsense'],
        suite: [
          'name',
          'expectation_suite_name',
          'expectations',
          'suite_parameters',
          'evaluation_parameters',
          'meta',
          'id',
        ],
      }[place] ?? [];
    const key = names[name % names.length] ?? '';
    const put = (object: JsonObject): JsonObject => {
      const { [key]: _, ...rest } = object;
      return change === undefined ? rest : { ...rest, [key]: change };
    };
    const kwargs = place === 'kwargs' ? put(example(kind)) : example(kind);
    const one = place === 'expectation' ? put({ ...written, kwargs }) : { ...written, kwargs };
    const suite = { [older ? 'expectation_suite_name' : 'name']: 'test', expectations: [one] };
    return place === 'suite' ? put(suite) : suite;
  });

test('what the schema refuses parseSuite refuses, and the other way round most of the time', () => {
  const seen = { both: 0, neither: 0, readingAlone: 0 };
  fc.assert(
    fc.property(mutated, (suite) => {
      const reads = parsed(suite);
      if (!taken(suite)) expect(reads).toBe(false);
      if (reads) seen.neither += 1;
      else if (taken(suite)) seen.readingAlone += 1;
      else seen.both += 1;
    }),
    { numRuns: 2000 },
  );
  // What only reading finds: a time that is none, arguments that do not fit each other, SQL that is none.
  expect(seen.readingAlone).toBeLessThan(seen.both / 5);
  expect(seen.neither).toBeGreaterThan(200);
}, 60_000);
