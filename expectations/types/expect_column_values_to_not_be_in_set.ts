import { sql } from 'kysely';
import { defineColumnMap, mostlyWords } from '../column-map.ts';
import type { ColumnKwargs } from '../column-map.ts';
import { comparable, setWords, valueSetProperty } from '../value-set.ts';
import type { ValueSetKwargs } from '../value-set.ts';

interface SetKwargs extends ColumnKwargs, ValueSetKwargs {}

/** No value of a column is one of a set. */
export default defineColumnMap<SetKwargs>({
  type: 'expect_column_values_to_not_be_in_set',
  docs: {
    promise: 'No value of the column is one of a set.',
    empty: 'An empty batch passes, and so does an empty set.',
    nulls: 'NULLs are left out, of the column and of the set.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_not_be_in_set',
  },
  properties: { value_set: valueSetProperty },
  required: ['value_set'],
  breaks: (kwargs, column) => {
    const { value, array } = comparable(column, kwargs.value_set);
    return sql`${value} = any(${array})`;
  },
  describe: ({ column, value_set, mostly }) =>
    `${column} none of ${setWords(value_set)}${mostlyWords(mostly)}`,
  broken: 'with a forbidden value',
  examples: [
    {
      title: 'a store that was closed',
      columns: { store_id: 'text' },
      rows: [['S1'], ['S9'], [null]],
      kwargs: { column: 'store_id', value_set: ['S9', null] },
      success: false,
      result: { element_count: 3, missing_count: 1, unexpected_count: 1, partial_unexpected_list: ['S9'] },
    },
    {
      title: 'an empty set forbids nothing',
      columns: { amount: 'numeric' },
      rows: [['0'], [null]],
      kwargs: { column: 'amount', value_set: [] },
      success: true,
      result: { unexpected_count: 0 },
    },
    {
      title: 'days',
      columns: { day: 'date' },
      rows: [['2017-01-01'], ['2017-01-02']],
      kwargs: { column: 'day', value_set: ['2017-01-01'], mostly: 0.5 },
      success: true,
      result: { unexpected_count: 1, partial_unexpected_list: ['2017-01-01'] },
    },
  ],
});
