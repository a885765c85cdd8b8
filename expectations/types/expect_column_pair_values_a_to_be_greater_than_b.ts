import { sql } from 'kysely';
import { defineColumnPair } from '../column-pair.ts';
import type { PairKwargs } from '../column-pair.ts';

interface GreaterKwargs extends PairKwargs {
  readonly or_equal?: boolean | null;
}

/** In every row one column is greater than another. */
export default defineColumnPair<GreaterKwargs>({
  type: 'expect_column_pair_values_a_to_be_greater_than_b',
  docs: {
    promise: 'In every row the value of column A is greater than that of column B (or equal, where allowed).',
    empty: 'An empty batch passes.',
    nulls:
      'A row where one value is missing does not break it; `ignore_row_if` says which rows count as missing.',
    source: 'https://greatexpectations.io/expectations/expect_column_pair_values_a_to_be_greater_than_b',
  },
  properties: {
    or_equal: { type: ['boolean', 'null'], description: 'Whether equal values are allowed.' },
  },
  breaks: ({ or_equal }, a, b) => (or_equal === true ? sql`${a.sql} < ${b.sql}` : sql`${a.sql} <= ${b.sql}`),
  describe: ({ column_A, column_B, or_equal }) =>
    `${column_A} greater than ${or_equal === true ? 'or equal to ' : ''}${column_B}`,
  broken: 'where it is not greater',
  examples: [
    {
      title: 'closed before it was opened',
      columns: { closed: 'date', opened: 'date' },
      rows: [
        ['2017-01-02', '2017-01-01'],
        ['2017-01-01', '2017-01-02'],
        [null, '2017-01-01'],
        [null, null],
      ],
      kwargs: { column_A: 'closed', column_B: 'opened' },
      success: false,
      result: {
        element_count: 4,
        missing_count: 1,
        unexpected_count: 1,
        partial_unexpected_list: [['2017-01-01', '2017-01-02']],
      },
    },
    {
      title: 'equal values, where they are allowed',
      columns: { a: 'integer', b: 'integer' },
      rows: [['1', '1']],
      kwargs: { column_A: 'a', column_B: 'b', or_equal: true },
      success: true,
      result: { unexpected_count: 0 },
    },
  ],
});
