import { beforeAll, describe, expect, test } from 'vitest';
import type { Model } from '../../models/model.ts';
import { parseUnitTests } from '../../models/unit-test.ts';
import { modelText, parseAll, ungated, version } from './model-text.ts';

const FILE = 'models/silver/stg_a.test.yaml';
let model: Model;
beforeAll(async () => {
  const select = modelText('incremental', ungated, `select id, ${version} from delta.raw_a`);
  const [parsed] = await parseAll([['models/silver/stg_a.sql', select]]);
  if (parsed === undefined) throw new Error('no model');
  model = parsed;
});

/** `line: problem. mend` of each. */
function problems(text: string): readonly string[] {
  const read = parseUnitTests(FILE, text, model);
  if (!('problems' in read)) return [];
  expect(read.problems.every(({ file }) => file === FILE)).toBe(true);
  return read.problems.map(({ line, problem, mend }) => `${line}: ${problem}. ${mend}`);
}

const head = 'tests:\n  - name: one\n';

describe('parseUnitTests', () => {
  test('knows where each row stands', () => {
    const text = `${head}    as_of: 2017-01-31T00:00:00Z\n    given:\n      delta.raw_a:\n        - {id: A}\n        - id: B\n    expect:\n      - {id: A}\n    expect_columns: [id]\n`;
    expect(parseUnitTests(FILE, text, model)).toMatchObject({
      tests: [
        {
          name: 'one',
          line: 2,
          asOf: '2017-01-31T00:00:00Z',
          given: [
            {
              schema: 'delta',
              name: 'raw_a',
              rows: [
                { line: 6, values: { id: 'A' } },
                { line: 7, values: { id: 'B' } },
              ],
            },
          ],
          expect: [{ line: 9, values: { id: 'A' } }],
          compared: ['id'],
          expectColumns: ['id'],
        },
      ],
    });
  });

  test('reads JSON, and keeps digits that a number of JavaScript would lose', () => {
    const text =
      '{"tests": [{"name": "n", "given": {"delta.raw_a": [{"id": 12345678901234567890.12}]}, "expect": []}]}';
    expect(parseUnitTests(FILE, text, model)).toMatchObject({
      tests: [{ given: [{ rows: [{ values: { id: '12345678901234567890.12' } }] }], expect: [] }],
    });
  });

  test.each([
    ['tests: [', /^1: not YAML: /],
    ['{}', /^1: the file must have required property 'tests'/],
    [`${head}    given: {delta.raw_a: []}\n`, /^2: tests.0 must have required property 'expect'/],
    [
      `${head}    given: {delta.raw_a: []}\n    expected: []\n    expect: []\n`,
      /^4: tests.0 has expected, which is not known here/,
    ],
    [
      `${head}    given: {delta.raw_aa: []}\n    expect: []\n`,
      /^3: stg_a does not read delta.raw_aa. Did you mean `delta.raw_a`/,
    ],
    [`${head}    given: {delta.raw_a: []}\n    expect: []\n    as_of: yesterday\n`, /^5: as_of yesterday/],
    [
      `${head}    given:\n      delta.raw_a: []\n    expect:\n      - {id: A}\n      - {id: B, _load: 1}\n`,
      /^7: this row names _load, id, the first one id/,
    ],
    [
      `${head}    given: {delta.raw_a: []}\n    expect: []\n${head.replace('tests:\n', '')}    given: {delta.raw_a: []}\n    expect: []\n`,
      /^5: two tests are named one/,
    ],
  ])('%j is refused', (text, expected) => expect(problems(text)[0]).toMatch(expected));
});
