import { defineDistinctValues } from '../distinct-values.ts';

/** The different values of a column are exactly the members of a set. */
export default defineDistinctValues({
  type: 'expect_column_distinct_values_to_equal_set',
  docs: {
    promise: 'The different values of the column are exactly the members of a set.',
    empty: 'An empty batch breaks it, unless the set is empty.',
    nulls: 'NULLs of the column are left out; a set with a NULL is never equalled.',
    source: 'https://greatexpectations.io/expectations/expect_column_distinct_values_to_equal_set',
  },
  closed: true,
  complete: true,
  words: 'exactly',
  examples: [
    {
      title: 'one too many, one missing',
      columns: { size: 'integer' },
      rows: [['1'], ['3'], ['3'], [null]],
      kwargs: { column: 'size', value_set: [1, 2] },
      success: false,
      result: {
        observed_value: null,
        unexpected_count: 1,
        missing_count: 1,
        partial_unexpected_list: [3],
        partial_missing_list: [2],
      },
    },
    {
      title: 'exactly those',
      columns: { paid: 'boolean' },
      rows: [['true'], ['false'], [null]],
      kwargs: { column: 'paid', value_set: [true, false] },
      success: true,
      result: { unexpected_count: 0, missing_count: 0 },
    },
  ],
});
