import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isObject } from '../../expectations/json.ts';
import type { Json, JsonObject } from '../../expectations/json.ts';
import { readResultFormat } from '../../expectations/result-format.ts';
import { ask } from '../activities/gate/batch.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { expectation, suiteOf } from './suite-text.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
});
afterAll(() => database.drop());

const columns = { id: 'integer', x: 'integer', "it's": 'text' };
const rows = Array.from({ length: 230 }, (_, n) => [String(n), String(100 + (n % 7)), "o'k"]);
const between = { column: 'x', max_value: 90 };

async function resultOf(format: Json, kwargs: JsonObject = between, type = 'between'): Promise<JsonObject> {
  const suite = suiteOf([expectation(`expect_column_values_to_be_${type}`, kwargs)]);
  const { json } = await ask(database.admin, suite, { columns, rows }, { format: readResultFormat(format) });
  const [only] = Array.isArray(json['results']) ? json['results'] : [];
  return isObject(only) && isObject(only['result']) ? only['result'] : {};
}

const COUNTS = [
  'element_count',
  'missing_count',
  'missing_percent',
  'unexpected_count',
  'unexpected_percent',
];
const SHARES = ['unexpected_percent_nonmissing', 'unexpected_percent_total'];
const key = { unexpected_index_column_names: ['id'] };

describe('what each format tells', () => {
  test.each<[Json, readonly string[]]>([
    ['BASIC', ['partial_unexpected_list']],
    ['SUMMARY', ['partial_unexpected_counts', 'partial_unexpected_list']],
    [
      'COMPLETE',
      ['partial_unexpected_counts', 'partial_unexpected_list', 'unexpected_index_query', 'unexpected_list'],
    ],
    [{ result_format: 'BASIC', ...key }, ['partial_unexpected_list', 'unexpected_index_column_names']],
    [
      { result_format: 'BASIC', return_unexpected_index_query: true },
      ['partial_unexpected_list', 'unexpected_index_query'],
    ],
    [
      { result_format: 'SUMMARY', ...key, exclude_unexpected_values: true },
      ['partial_unexpected_index_list', 'unexpected_index_column_names'],
    ],
    [
      { result_format: 'COMPLETE', ...key, return_unexpected_index_query: false },
      [
        'partial_unexpected_counts',
        'partial_unexpected_index_list',
        'partial_unexpected_list',
        'unexpected_index_column_names',
        'unexpected_index_list',
        'unexpected_list',
      ],
    ],
  ])('%j', async (format, fields) => {
    expect(Object.keys(await resultOf(format)).sort()).toEqual([...COUNTS, ...SHARES, ...fields].sort());
  });

  test('BOOLEAN_ONLY tells nothing but whether it held', async () => {
    expect(await resultOf('BOOLEAN_ONLY')).toEqual({});
  });

  test('full lists have 200 rows, partial ones as many as asked for', async () => {
    const result = await resultOf({ result_format: 'COMPLETE', partial_unexpected_count: 3, ...key });
    expect(result['unexpected_list']).toHaveLength(200);
    expect(result['partial_unexpected_list']).toHaveLength(3);
    expect(result['partial_unexpected_counts']).toHaveLength(3);
    expect(result['partial_unexpected_index_list']).toHaveLength(3);
  });

  test('the run’s format overrides the suite’s, and the suite’s holds where the run says nothing', async () => {
    const kwargs = { ...between, result_format: 'BOOLEAN_ONLY' };
    expect(await resultOf(null, kwargs)).toEqual({});
    expect(await resultOf('BASIC', kwargs)).toHaveProperty('partial_unexpected_list');
  });

  test('a key that is no column is the expectation’s error', async () => {
    const format = readResultFormat({ result_format: 'BASIC', unexpected_index_column_names: ['nope'] });
    const suite = suiteOf([expectation('expect_column_values_to_be_between', between)]);
    const { judged } = await ask(database.admin, suite, { columns, rows: [] }, { format });
    expect(judged[0]?.error?.reason).toBe('there is no column nope');
  });
});

test('the query runs as it stands, and lists every failing row', async () => {
  const condition = {
    type: 'comparison',
    column: { name: "it's" },
    operator: 'IN',
    parameter: ["o'k", '"\\'],
  };
  const kwargs = { column: "it's", value_set: ["it's", '$1', 'a"b\\'], row_condition: condition };
  const { unexpected_index_query: query } = await resultOf(
    { result_format: 'COMPLETE', ...key },
    kwargs,
    'in_set',
  );
  expect(query).toEqual(expect.stringContaining('select "id", "it\'s" from "gate_test"."example"'));
  await database.admin.transaction().execute(async (trx) => {
    await sql`create schema if not exists gate_test`.execute(trx);
    await sql`drop table if exists gate_test.example`.execute(trx);
    await sql`create table gate_test.example (id integer, "it's" text)`.execute(trx);
    await sql`insert into gate_test.example values (1, 'o''k'), (2, 'it''s'), (3, '"\\')`.execute(trx);
    const listed = await sql<{ id: number }>`${sql.raw(typeof query === 'string' ? query : '')}`.execute(trx);
    expect(listed.rows.map(({ id }) => id)).toEqual([1, 3]);
  });
});
