import { defineCount } from '../table-fact.ts';

/** The batch has exactly a number of rows. */
export default defineCount({
  type: 'expect_table_row_count_to_equal',
  docs: {
    promise: 'The batch has exactly the given number of rows.',
    empty: 'An empty batch has 0 rows, and is judged by that.',
    nulls: 'Rows count, whatever is in them.',
    source: 'https://greatexpectations.io/expectations/expect_table_row_count_to_equal',
  },
  counted: 'rows',
  count: (scan) => scan.count(),
  examples: [
    {
      title: 'as many as given',
      columns: { id: 'integer' },
      rows: [['1'], [null]],
      kwargs: { value: 2 },
      success: true,
      result: { observed_value: 2 },
    },
    {
      title: 'one too few',
      columns: { id: 'integer' },
      rows: [],
      kwargs: { value: 1 },
      success: false,
      result: { observed_value: 0 },
    },
  ],
});
