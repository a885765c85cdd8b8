import { sql } from 'kysely';
import { defineMulticolumn } from '../multicolumn.ts';

/** In every row some columns have one value. */
export default defineMulticolumn({
  type: 'expect_multicolumn_values_to_be_equal',
  docs: {
    promise: 'In every row all the columns have the same value.',
    empty: 'An empty batch passes.',
    nulls: 'NULL equals NULL only; by default rows without any of the values are left out.',
    source: 'https://greatexpectations.io/expectations/expect_multicolumn_values_to_be_equal',
  },
  properties: {},
  breaks: (_, [first, ...others]) =>
    sql.join(
      others.map((other) => sql`${first?.sql} is distinct from ${other.sql}`),
      sql` or `,
    ),
  describe: ({ column_list }) => `${column_list.join(', ')} all equal`,
  broken: 'where they differ',
  examples: [
    {
      title: 'one of three differs, or is missing',
      columns: { a: 'integer', b: 'integer', c: 'integer' },
      rows: [
        ['1', '1', '1'],
        ['1', '1', '2'],
        ['1', '1', null],
        [null, null, null],
      ],
      kwargs: { column_list: ['a', 'b', 'c'] },
      success: false,
      result: {
        element_count: 4,
        missing_count: 1,
        unexpected_count: 2,
        partial_unexpected_list: [
          { a: 1, b: 1, c: 2 },
          { a: 1, b: 1, c: null },
        ],
      },
    },
  ],
});
