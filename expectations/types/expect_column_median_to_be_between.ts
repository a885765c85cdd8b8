import { sql } from 'kysely';
import { defineColumnAggregate, fraction, numeric } from '../column-aggregate.ts';
import type { Figure } from '../column-aggregate.ts';
import type { Column, Scan } from '../scan.ts';

/** Truth values count as 0 and 1, and the middle one of an odd number of them is shown as what it is. */
function ofTruths(column: Column, scan: Scan): Figure {
  const middle = fraction(
    column,
    scan.aggregate(sql`percentile_cont(0.5) within group (order by ${column.sql}::integer)`),
  );
  const present = scan.present(column);
  const one = scan.aggregate(sql`percentile_disc(0.5) within group (order by ${column.sql})`);
  return {
    ...middle,
    ordered: true,
    shown: sql`case when ${present} % 2 = 1 then to_jsonb(${one}) else to_jsonb(${middle.sql}) end`,
  };
}

/** The median of a column lies in a range. */
export default defineColumnAggregate({
  type: 'expect_column_median_to_be_between',
  docs: {
    promise: 'The median of the column (between the two middle values: their mean) lies between two bounds.',
    empty: 'An empty batch breaks it: there is no median.',
    nulls: 'NULLs are left out; a column of nothing but NULLs breaks it.',
    source: 'https://greatexpectations.io/expectations/expect_column_median_to_be_between',
  },
  figure: 'median of',
  value: (column, scan) => {
    if (column.category === 'boolean') return ofTruths(column, scan);
    // An empty column of text has no median, and breaks the promise; text in it cannot be read as a number.
    const value = column.category === 'text' ? sql`${column.sql}::double precision` : numeric(column).sql;
    const median = scan.aggregate(sql`percentile_cont(0.5) within group (order by ${value})`);
    return { ...fraction(column, median), ordered: true };
  },
  examples: [
    {
      title: 'between the two middle values',
      columns: { quantity: 'integer' },
      rows: [['1'], ['2'], ['3'], ['10'], [null]],
      kwargs: { column: 'quantity', min_value: 2.5, max_value: 2.5 },
      success: true,
      result: { observed_value: 2.5 },
    },
    {
      title: 'the middle value, out of range',
      columns: { amount: 'numeric' },
      rows: [['1'], ['2.5'], ['10']],
      kwargs: { column: 'amount', max_value: 2 },
      success: false,
      result: { observed_value: 2.5 },
    },
    {
      title: 'truth values',
      columns: { paid: 'boolean' },
      rows: [['true'], ['false'], ['true']],
      kwargs: { column: 'paid', min_value: 1 },
      success: true,
      result: { observed_value: true },
    },
  ],
});
