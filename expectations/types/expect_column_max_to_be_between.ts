import { sql } from 'kysely';
import { defineColumnAggregate } from '../column-aggregate.ts';

/** The highest value of a column lies in a range: freshness, when the column is a time. */
export default defineColumnAggregate({
  type: 'expect_column_max_to_be_between',
  docs: {
    promise: 'The highest (newest) value of the column lies between two bounds.',
    empty: 'An empty batch breaks it: there is no highest value.',
    nulls: 'NULLs are left out; a column of nothing but NULLs breaks it.',
    source: 'https://greatexpectations.io/expectations/expect_column_max_to_be_between',
  },
  figure: 'highest',
  value: (column, scan) => ({ sql: scan.aggregate(sql`max(${column.sql})`), compares: column }),
  examples: [
    {
      title: 'the newest row is recent enough',
      columns: { at: 'timestamptz' },
      rows: [['2017-01-01 09:00:00+00'], ['2017-01-01 10:00:00+00'], [null]],
      kwargs: { column: 'at', min_value: '2017-01-01T09:55:00+00:00' },
      success: true,
      result: { observed_value: '2017-01-01T10:00:00+00:00' },
    },
    {
      title: 'the newest row is too old, in a column without a zone',
      columns: { at: 'timestamp' },
      rows: [['2017-01-01 09:00:00']],
      kwargs: { column: 'at', min_value: '2017-01-01T09:55:00+00:00' },
      success: false,
      result: { observed_value: '2017-01-01T09:00:00' },
    },
    {
      title: 'nothing has no highest value',
      columns: { amount: 'integer' },
      rows: [[null]],
      kwargs: { column: 'amount', max_value: 10 },
      success: false,
      result: { observed_value: null },
    },
  ],
});
