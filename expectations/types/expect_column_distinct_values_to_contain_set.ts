import { defineDistinctValues } from '../distinct-values.ts';

/** Every member of a set occurs in a column. */
export default defineDistinctValues({
  type: 'expect_column_distinct_values_to_contain_set',
  docs: {
    promise: 'Every member of a set occurs in the column; other values may too.',
    empty: 'An empty batch breaks it, unless the set is empty.',
    nulls: 'NULL is no value: a set with one is never contained.',
    source: 'https://greatexpectations.io/expectations/expect_column_distinct_values_to_contain_set',
  },
  closed: false,
  complete: true,
  words: 'with each of',
  examples: [
    {
      title: 'a store that sent nothing',
      columns: { store_id: 'text' },
      rows: [['S1'], ['S3'], [null]],
      kwargs: { column: 'store_id', value_set: ['S1', 'S2'] },
      success: false,
      result: { observed_value: null, missing_count: 1, partial_missing_list: ['S2'] },
    },
    {
      title: 'all occur',
      columns: { at: 'timestamp' },
      rows: [['2017-01-01 10:00:00'], ['2017-01-02 10:00:00']],
      kwargs: { column: 'at', value_set: ['2017-01-01T10:00:00'] },
      success: true,
      result: { missing_count: 0, partial_missing_list: [] },
    },
  ],
});
