import { defineOrder } from '../row-order.ts';

/** The values of a column go down in the order of the rows. */
export default defineOrder({
  type: 'expect_column_values_to_be_decreasing',
  direction: 'decreasing',
  examples: [
    {
      title: 'stock only goes down',
      columns: { in_stock: 'integer' },
      rows: [['9'], ['7'], ['7'], [null], ['0']],
      kwargs: { column: 'in_stock' },
      success: true,
      result: { element_count: 5, missing_count: 1, unexpected_count: 0, partial_unexpected_list: [] },
    },
    {
      title: 'strictly: two of the same day',
      columns: { day: 'date' },
      rows: [['2017-01-03'], ['2017-01-02'], ['2017-01-02'], ['2017-01-04']],
      kwargs: { column: 'day', strictly: true },
      success: false,
      result: { unexpected_count: 2 },
    },
  ],
});
