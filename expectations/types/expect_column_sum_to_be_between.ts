import { sql } from 'kysely';
import { defineColumnAggregate, numeric } from '../column-aggregate.ts';

/** The sum of a column lies in a range. */
export default defineColumnAggregate({
  type: 'expect_column_sum_to_be_between',
  docs: {
    promise: 'The sum of the column lies between two bounds.',
    empty: 'An empty batch breaks it: there is no sum.',
    nulls: 'NULLs are left out; a column of nothing but NULLs breaks it.',
    source: 'https://greatexpectations.io/expectations/expect_column_sum_to_be_between',
  },
  figure: 'sum of',
  value: (column, scan) => ({
    sql: scan.aggregate(sql`sum(${numeric(column).sql})`),
    // The sum of bigints is a numeric.
    compares: { ...column, category: 'number' },
  }),
  examples: [
    {
      title: 'amounts are added exactly',
      columns: { amount: 'numeric' },
      rows: [['0.1'], ['0.2'], [null]],
      kwargs: { column: 'amount', min_value: 0.3, max_value: 0.3 },
      success: true,
      result: { observed_value: 0.3 },
    },
    {
      title: 'too much',
      columns: { quantity: 'integer' },
      rows: [['30'], ['14']],
      kwargs: { column: 'quantity', max_value: 40 },
      success: false,
      result: { observed_value: 44 },
    },
  ],
});
