import { sql } from 'kysely';
import { defineColumnAggregate, ofDistinct } from '../column-aggregate.ts';

/** The number of different values of a column lies in a range. */
export default defineColumnAggregate({
  type: 'expect_column_unique_value_count_to_be_between',
  docs: {
    promise: 'The number of different values of the column lies between two bounds.',
    empty: 'An empty batch has 0 different values, and is judged by that.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_unique_value_count_to_be_between',
  },
  figure: 'number of different values of',
  whole: true,
  value: (column, scan) => ({
    sql: ofDistinct(scan, column, sql`count(*)`),
    compares: { ...column, category: 'whole' },
    beside: true,
  }),
  whenUnique: (column, scan) => ({
    sql: scan.present(column),
    compares: { ...column, category: 'whole' },
  }),
  examples: [
    {
      title: 'NULL is no value',
      columns: { store_id: 'text' },
      rows: [['S1'], ['S1'], ['S2'], [null]],
      kwargs: { column: 'store_id', min_value: 2, max_value: 2 },
      success: true,
      result: { observed_value: 2 },
    },
    {
      title: 'nothing has none',
      columns: { store_id: 'text' },
      rows: [],
      kwargs: { column: 'store_id', min_value: 1 },
      success: false,
      result: { observed_value: 0 },
    },
  ],
});
