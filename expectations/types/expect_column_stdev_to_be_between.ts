import { sql } from 'kysely';
import { defineColumnAggregate, fraction, numeric } from '../column-aggregate.ts';

/** The standard deviation of a column lies in a range. */
export default defineColumnAggregate({
  type: 'expect_column_stdev_to_be_between',
  docs: {
    promise: 'The standard deviation of the column (of a sample: over n - 1) lies between two bounds.',
    empty: 'An empty batch breaks it, and so does a single value: there is no deviation.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_stdev_to_be_between',
  },
  figure: 'standard deviation of',
  value: (column, scan) => fraction(column, scan.aggregate(sql`stddev_samp(${numeric(column).sql})`)),
  examples: [
    {
      title: 'exactly the bound',
      columns: { quantity: 'integer' },
      rows: [['1'], ['1'], ['3'], [null]],
      kwargs: { column: 'quantity', min_value: 1.1547005383792515, max_value: 1.1547005383792515 },
      success: true,
      result: { observed_value: 1.1547005383792515 },
    },
    {
      title: 'one value has no deviation',
      columns: { quantity: 'integer' },
      rows: [['1']],
      kwargs: { column: 'quantity', min_value: 0 },
      success: false,
      result: { observed_value: null },
    },
  ],
});
