import { defineDistinctValues } from '../distinct-values.ts';
import { valueSetProperty } from '../value-set.ts';

/** All the different values of a column are members of a set. */
export default defineDistinctValues({
  type: 'expect_column_distinct_values_to_be_in_set',
  docs: {
    promise: 'All the different values of the column are members of a set.',
    empty: 'An empty batch passes.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_distinct_values_to_be_in_set',
  },
  value_set: { ...valueSetProperty, minItems: 1 },
  closed: true,
  complete: false,
  words: 'all among',
  examples: [
    {
      title: 'a value outside counts once',
      columns: { store_id: 'text' },
      rows: [['S1'], ['S9'], ['S9'], [null]],
      kwargs: { column: 'store_id', value_set: ['S1', 'S2'] },
      success: false,
      result: { observed_value: null, unexpected_count: 1, partial_unexpected_list: ['S9'] },
    },
    {
      title: 'members that do not occur do not matter',
      columns: { size: 'integer' },
      rows: [['1'], [null]],
      kwargs: { column: 'size', value_set: [1, 2] },
      success: true,
      result: { unexpected_count: 0, partial_unexpected_list: [] },
    },
  ],
});
