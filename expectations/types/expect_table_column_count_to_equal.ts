import { sql } from 'kysely';
import { defineCount } from '../table-fact.ts';

/** The table has exactly a number of columns. */
export default defineCount({
  type: 'expect_table_column_count_to_equal',
  docs: {
    promise: 'The table has exactly the given number of columns.',
    empty: 'Rows do not matter.',
    nulls: 'Values do not matter.',
    source: 'https://greatexpectations.io/expectations/expect_table_column_count_to_equal',
  },
  counted: 'columns',
  count: (scan) => sql`${scan.columns.length}::integer`,
  examples: [
    {
      title: 'as many as given',
      columns: { id: 'integer', day: 'date' },
      rows: [],
      kwargs: { value: 2 },
      success: true,
      result: { observed_value: 2 },
    },
    {
      title: 'one too many',
      columns: { id: 'integer', day: 'date' },
      rows: [],
      kwargs: { value: 1 },
      success: false,
      result: { observed_value: 2 },
    },
  ],
});
