import { defineOrder } from '../row-order.ts';

/** The values of a column go up in the order of the rows. */
export default defineOrder({
  type: 'expect_column_values_to_be_increasing',
  direction: 'increasing',
  examples: [
    {
      title: 'one goes down; a NULL stands between nothing',
      columns: { reading: 'integer' },
      rows: [['1'], ['3'], [null], ['2'], ['2'], ['5']],
      kwargs: { column: 'reading' },
      success: false,
      result: {
        element_count: 6,
        missing_count: 1,
        unexpected_count: 1,
        unexpected_percent: 20,
        partial_unexpected_list: [2],
      },
    },
    {
      title: 'strictly: an equal one is not enough',
      columns: { reading: 'numeric' },
      rows: [['1'], ['1'], ['2']],
      kwargs: { column: 'reading', strictly: true },
      success: false,
      result: { unexpected_count: 1 },
    },
    {
      title: 'in the order that the suite gives',
      columns: { reading: 'integer', at: 'timestamp' },
      rows: [
        ['2', '2017-01-01 09:00:00'],
        ['1', '2017-01-01 08:00:00'],
      ],
      kwargs: { column: 'reading' },
      around: { orderBy: ['at'] },
      success: true,
      result: { unexpected_count: 0 },
    },
    {
      title: 'two readings of one time that are the same: nobody can tell which came first, so both count',
      columns: { reading: 'integer', at: 'timestamp' },
      rows: [
        ['5', '2017-01-01 08:00:00'],
        ['3', '2017-01-01 09:00:00'],
        ['3', '2017-01-01 09:00:00'],
        ['6', '2017-01-01 10:00:00'],
      ],
      kwargs: { column: 'reading' },
      around: { orderBy: ['at'] },
      success: false,
      result: { unexpected_count: 2, partial_unexpected_list: [3, 3] },
    },
    {
      title: 'in the order of delivery, and three in four are enough',
      columns: { reading: 'integer', _source: 'text', _position: 'bigint' },
      rows: [
        ['3', 'b.jsonl', '1'],
        ['4', 'b.jsonl', '2'],
        ['2', 'a.jsonl', '2'],
        ['5', 'a.jsonl', '1'],
      ],
      kwargs: { column: 'reading', mostly: 0.75 },
      success: true,
      result: { unexpected_count: 1, unexpected_percent: 25, partial_unexpected_list: [2] },
    },
  ],
});
