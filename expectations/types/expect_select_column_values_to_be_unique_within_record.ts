import { sql } from 'kysely';
import { defineMulticolumn, pairsOf } from '../multicolumn.ts';

/** In every row some columns all have different values. */
export default defineMulticolumn({
  type: 'expect_select_column_values_to_be_unique_within_record',
  docs: {
    promise: 'In every row no two of the columns have the same value.',
    empty: 'An empty batch passes.',
    nulls: 'Two missing values are the same; by default rows without any of the values are left out.',
    source:
      'https://greatexpectations.io/expectations/expect_select_column_values_to_be_unique_within_record',
  },
  properties: {},
  breaks: (_, columns) =>
    sql.join(
      pairsOf(columns).map(([first, second]) => sql`${first.sql} is not distinct from ${second.sql}`),
      sql` or `,
    ),
  describe: ({ column_list }) => `${column_list.join(', ')} all different in a row`,
  broken: 'with a value twice',
  examples: [
    {
      title: 'sent to where it came from',
      columns: { from_store: 'text', to_store: 'text' },
      rows: [
        ['S1', 'S2'],
        ['S1', 'S1'],
        ['S1', null],
        [null, null],
      ],
      kwargs: { column_list: ['from_store', 'to_store'] },
      success: false,
      result: {
        element_count: 4,
        missing_count: 1,
        unexpected_count: 1,
        partial_unexpected_list: [{ from_store: 'S1', to_store: 'S1' }],
      },
    },
    {
      title: 'two missing values of three are the same',
      columns: { a: 'integer', b: 'integer', c: 'integer' },
      rows: [
        ['1', null, null],
        ['1', '2', null],
      ],
      kwargs: { column_list: ['a', 'b', 'c'], mostly: 0.5 },
      success: true,
      result: { unexpected_count: 1 },
    },
  ],
});
