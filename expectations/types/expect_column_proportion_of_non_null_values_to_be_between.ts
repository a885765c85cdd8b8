import { sql } from 'kysely';
import { defineColumnAggregate, fraction } from '../column-aggregate.ts';

/** The share of rows that have a value lies in a range. */
export default defineColumnAggregate({
  type: 'expect_column_proportion_of_non_null_values_to_be_between',
  docs: {
    promise: 'The share of rows with a value in the column, 0 to 1, lies between two bounds.',
    empty: 'An empty batch has the share 0, and is judged by that.',
    nulls: 'NULL is no value; the empty text is one.',
    source:
      'https://greatexpectations.io/expectations/expect_column_proportion_of_non_null_values_to_be_between',
  },
  figure: 'share of rows with a value of',
  value: (column, scan) => {
    const present = scan.present(column);
    const share = sql`${present}::double precision / nullif(${scan.count()}, 0)`;
    return fraction(column, sql`coalesce(${share}, 0)`);
  },
  examples: [
    {
      title: 'three of four rows have one',
      columns: { customer_id: 'text' },
      rows: [['C1'], ['C1'], [''], [null]],
      kwargs: { column: 'customer_id', min_value: 0.5 },
      success: true,
      result: { observed_value: 0.75 },
    },
    {
      title: 'too few',
      columns: { customer_id: 'text' },
      rows: [[null], [null], ['C1']],
      kwargs: { column: 'customer_id', min_value: 0.5 },
      success: false,
      result: { observed_value: 1 / 3 },
    },
  ],
});
