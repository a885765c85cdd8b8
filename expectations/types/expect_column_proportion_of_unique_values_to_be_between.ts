import { sql } from 'kysely';
import { defineColumnAggregate, fraction, ofDistinct } from '../column-aggregate.ts';

/** The share of different values among all values of a column lies in a range. */
export default defineColumnAggregate({
  type: 'expect_column_proportion_of_unique_values_to_be_between',
  docs: {
    promise: 'The number of different values over the number of values, 0 to 1, lies between two bounds.',
    empty: 'An empty batch has the share 0, and is judged by that.',
    nulls: 'NULLs are left out, of both numbers.',
    source:
      'https://greatexpectations.io/expectations/expect_column_proportion_of_unique_values_to_be_between',
  },
  figure: 'share of different values of',
  value: (column, scan) => {
    const share = ofDistinct(scan, column, sql`coalesce(count(*)::double precision / sum(n), 0)`);
    return { ...fraction(column, share), beside: true };
  },
  whenUnique: (column, scan) => fraction(column, sql`least(${scan.present(column)}, 1)`),
  examples: [
    {
      title: 'three of four values differ',
      columns: { store_id: 'text' },
      rows: [['S1'], ['S2'], ['S2'], ['S3'], [null]],
      kwargs: { column: 'store_id', min_value: 0.75, max_value: 0.75 },
      success: true,
      result: { observed_value: 0.75 },
    },
    {
      title: 'too much alike',
      columns: { store_id: 'text' },
      rows: [['S1'], ['S1']],
      kwargs: { column: 'store_id', min_value: 0.5, strict_min: true },
      success: false,
      result: { observed_value: 0.5 },
    },
    {
      title: 'nothing has the share 0',
      columns: { store_id: 'text' },
      rows: [],
      kwargs: { column: 'store_id', min_value: 0, max_value: 1 },
      success: true,
      result: { observed_value: 0 },
    },
  ],
});
