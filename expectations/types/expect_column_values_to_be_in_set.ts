import { sql } from 'kysely';
import { defineColumnMap, mostlyWords } from '../column-map.ts';
import type { ColumnKwargs } from '../column-map.ts';
import { comparable, setWords, valueSetProperty } from '../value-set.ts';
import type { ValueSetKwargs } from '../value-set.ts';

interface SetKwargs extends ColumnKwargs, ValueSetKwargs {}

/** Every value of a column is one of a set. */
export default defineColumnMap<SetKwargs>({
  type: 'expect_column_values_to_be_in_set',
  docs: {
    promise: 'Every value of the column is one of a set.',
    empty: 'An empty batch passes; with an empty set every value breaks it.',
    nulls: 'NULLs are left out, of the column and of the set.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_be_in_set',
  },
  properties: {
    value_set: valueSetProperty,
  },
  required: ['value_set'],
  breaks: (kwargs, column) => {
    const { value, array } = comparable(column, kwargs.value_set);
    return sql`${value} <> all(${array})`;
  },
  // Without members whatever is there breaks it: `<> all` of nothing is true, also for NULL.
  strict: ({ value_set }) => value_set.some((member) => member !== null),
  describe: ({ column, value_set, mostly }) =>
    `${column} one of ${setWords(value_set)}${mostlyWords(mostly)}`,
  broken: 'with another value',
  examples: [
    {
      title: 'an unknown store',
      columns: { store_id: 'text' },
      rows: [['S1'], ['S9'], [null]],
      kwargs: { column: 'store_id', value_set: ['S1', 'S2'] },
      success: false,
      result: { element_count: 3, missing_count: 1, unexpected_count: 1, partial_unexpected_list: ['S9'] },
    },
    {
      title: 'whole numbers',
      columns: { size: 'smallint' },
      rows: [['1'], ['2'], ['3']],
      kwargs: { column: 'size', value_set: [1, 2, null], mostly: 0.6 },
      success: true,
      result: { unexpected_count: 1, unexpected_percent: (1 / 3) * 100 },
    },
    {
      title: 'a bigint keeps its digits',
      columns: { id: 'bigint' },
      rows: [['9007199254740993'], ['9007199254740992']],
      kwargs: { column: 'id', value_set: ['9007199254740993'] },
      success: false,
      result: { unexpected_count: 1 },
    },
    {
      title: 'fractions',
      columns: { rate: 'double precision' },
      rows: [['0.1'], ['0.2']],
      kwargs: { column: 'rate', value_set: [0.1] },
      success: false,
      result: { unexpected_count: 1, partial_unexpected_list: [0.2] },
    },
    {
      title: 'an empty set allows nothing, and NULL is still left out',
      columns: { store_id: 'text' },
      rows: [['S1'], [null]],
      kwargs: { column: 'store_id', value_set: [] },
      success: false,
      result: { unexpected_count: 1, missing_count: 1 },
    },
  ],
});
