import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../expectations/json.ts';
import { ask } from '../../activities/gate/batch.ts';
import type { Asking } from '../../activities/gate/batch.ts';
import { freshDatabase } from '../../setup/database.ts';
import type { FreshDatabase } from '../../setup/database.ts';
import { expectation, suiteOf } from '../suite-text.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
});
afterAll(() => database.drop());

/** Names that the SQL of these types uses itself, and names that try to leave their quotes. */
const NAMES = [
  'k0',
  'n',
  'g',
  't',
  'i0',
  'found',
  'value',
  'before',
  'place',
  'asked',
  'other',
  'a "b".c; --',
];

async function askOne(
  type: string,
  kwargs: JsonObject,
  table: Parameters<typeof ask>[2],
  asking: Asking = {},
) {
  const { judged, samples } = await ask(database.admin, suiteOf([expectation(type, kwargs)]), table, asking);
  return { judged: judged[0], rows: samples.get(0) ?? [] };
}

describe.each(NAMES)('a column of the name %s', (name) => {
  const columns = { [name]: 'integer', _source: 'text', _revision: 'integer', _position: 'bigint' };
  const table = {
    columns,
    rows: [
      ['1', 'a', '1', '1'],
      ['2', 'a', '1', '2'],
      ['1', 'a', '1', '3'],
    ],
  };

  test('is looked up in what is published', async () => {
    const published = { columns, rows: [['2', 'b', '1', '1']], key: [name] };
    const type = 'expect_compound_columns_to_be_unique_in_published';
    const { judged, rows } = await askOne(type, { column_list: [name] }, table, { around: { published } });
    expect(judged?.judgement?.unexpectedCount).toBe(3);
    expect(rows).toHaveLength(3);
  });

  test('is looked up in another table', async () => {
    const kwargs = { column: name, other_table: 'example', other_column: name, row_condition: null };
    const type = 'expect_column_values_to_exist_in_other_table';
    expect((await askOne(type, kwargs, table)).judged?.judgement?.unexpectedCount).toBe(0);
    const { judged, rows } = await askOne(
      type,
      { ...kwargs, other_column: '_position' },
      {
        ...table,
        rows: [['9', 'a', '1', '1']],
      },
    );
    expect(judged?.judgement?.unexpectedCount).toBe(1);
    expect(rows).toEqual([{ [name]: 9 }]);
  });

  test('goes up or down', async () => {
    const { judged, rows } = await askOne('expect_column_values_to_be_increasing', { column: name }, table);
    expect(judged?.judgement?.unexpectedCount).toBe(1);
    expect(rows).toEqual([{ [name]: 1 }]);
  });

  test('has a share of NULLs, and is published', async () => {
    const type = 'expect_column_null_share_to_be_within_learned_band';
    expect((await askOne(type, { column: name }, table)).judged?.judgement?.figure).toBe(0);
    const published = { columns, rows: [], key: [name] };
    const same = await askOne('expect_table_schema_to_match_published', {}, table, { around: { published } });
    expect(same.judged?.success).toBe(true);
  });
});

test.each([
  'example"; drop schema gate_test cascade; --',
  'gate_test.example.id',
  '.',
  'gate_test."example"',
])('another table %j is none, and an error of that promise', async (other) => {
  const table = { columns: { id: 'integer' }, rows: [['1']] };
  const kwargs = { column: 'id', other_table: other, other_column: 'id' };
  const { judged } = await askOne('expect_column_values_to_exist_in_other_table', kwargs, table);
  expect(judged?.success).toBe(false);
  expect(judged?.error).not.toBeNull();
});
