import { sql } from 'kysely';
import { defineColumnAggregate, fraction, numeric } from '../column-aggregate.ts';

/** The mean of a column lies in a range. */
export default defineColumnAggregate({
  type: 'expect_column_mean_to_be_between',
  docs: {
    promise: 'The mean of the column lies between two bounds.',
    empty: 'An empty batch breaks it: there is no mean.',
    nulls: 'NULLs are left out; a column of nothing but NULLs breaks it.',
    source: 'https://greatexpectations.io/expectations/expect_column_mean_to_be_between',
  },
  figure: 'mean',
  value: (column, scan) => fraction(column, scan.aggregate(sql`avg(${numeric(column).sql})`)),
  examples: [
    {
      title: 'the mean of whole numbers may be a fraction',
      columns: { quantity: 'integer' },
      rows: [['1'], ['2'], [null]],
      kwargs: { column: 'quantity', min_value: 1.5, max_value: 1.5 },
      success: true,
      result: { observed_value: 1.5 },
    },
    {
      title: 'too high',
      columns: { amount: 'numeric(12,2)' },
      rows: [['10.50'], ['20.25']],
      kwargs: { column: 'amount', max_value: 10 },
      success: false,
      result: { observed_value: 15.375 },
    },
    {
      title: 'nothing has no mean',
      columns: { amount: 'integer' },
      rows: [],
      kwargs: { column: 'amount' },
      success: false,
      result: { observed_value: null },
    },
  ],
});
