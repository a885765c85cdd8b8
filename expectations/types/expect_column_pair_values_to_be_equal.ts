import { sql } from 'kysely';
import { defineColumnPair } from '../column-pair.ts';

/** In every row two columns have one value. */
export default defineColumnPair({
  type: 'expect_column_pair_values_to_be_equal',
  docs: {
    promise: 'In every row the two columns have the same value.',
    empty: 'An empty batch passes.',
    nulls: 'NULL equals nothing, not even NULL; by default rows without both values are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_pair_values_to_be_equal',
  },
  properties: {},
  breaks: (_, a, b) => sql`(${a.sql} = ${b.sql}) is not true`,
  describe: ({ column_A, column_B }) => `${column_A} equal to ${column_B}`,
  broken: 'where they differ',
  examples: [
    {
      title: 'a value that is missing in one column breaks it',
      columns: { a: 'integer', b: 'integer' },
      rows: [
        ['1', '1'],
        ['1', '2'],
        ['1', null],
        [null, null],
      ],
      kwargs: { column_A: 'a', column_B: 'b' },
      success: false,
      result: {
        element_count: 4,
        missing_count: 1,
        unexpected_count: 2,
        partial_unexpected_list: [
          [1, 2],
          [1, null],
        ],
      },
    },
    {
      title: 'unless such rows are left out',
      columns: { a: 'integer', b: 'integer' },
      rows: [
        ['1', '1'],
        ['1', null],
      ],
      kwargs: { column_A: 'a', column_B: 'b', ignore_row_if: 'either_value_is_missing' },
      success: true,
      result: { missing_count: 1, unexpected_count: 0 },
    },
  ],
});
