import { sql } from 'kysely';
import { defineColumnAggregate } from '../column-aggregate.ts';

/** The lowest value of a column lies in a range. */
export default defineColumnAggregate({
  type: 'expect_column_min_to_be_between',
  docs: {
    promise: 'The lowest (oldest) value of the column lies between two bounds.',
    empty: 'An empty batch breaks it: there is no lowest value.',
    nulls: 'NULLs are left out; a column of nothing but NULLs breaks it.',
    source: 'https://greatexpectations.io/expectations/expect_column_min_to_be_between',
  },
  figure: 'lowest',
  value: (column, scan) => ({ sql: scan.aggregate(sql`min(${column.sql})`), compares: column }),
  examples: [
    {
      title: 'a negative amount',
      columns: { amount: 'numeric' },
      rows: [['-0.01'], ['7'], [null]],
      kwargs: { column: 'amount', min_value: 0 },
      success: false,
      result: { observed_value: -0.01 },
    },
    {
      title: 'a strict bound leaves itself out',
      columns: { amount: 'integer' },
      rows: [['2'], ['7']],
      kwargs: { column: 'amount', min_value: 2, strict_min: true },
      success: false,
      result: { observed_value: 2 },
    },
    {
      title: 'the oldest day',
      columns: { day: 'date' },
      rows: [['2017-01-02'], ['2017-01-01']],
      kwargs: { column: 'day', min_value: '2017-01-01' },
      success: true,
      result: { observed_value: '2017-01-01' },
    },
  ],
});
