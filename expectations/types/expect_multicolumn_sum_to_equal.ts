import { sql } from 'kysely';
import { numeric } from '../column-aggregate.ts';
import { columnListProperty, defineMulticolumn } from '../multicolumn.ts';
import type { MulticolumnKwargs } from '../multicolumn.ts';
import type { Column, Sql } from '../scan.ts';

interface SumKwargs extends MulticolumnKwargs {
  readonly sum_total: number;
}

/** A column as what is added without an overflow: whole numbers as numeric. */
function summand(column: Column): Sql {
  return numeric(column).category === 'whole' ? sql`${column.sql}::numeric` : column.sql;
}

/** In every row some columns come to one sum. */
export default defineMulticolumn<SumKwargs>({
  type: 'expect_multicolumn_sum_to_equal',
  docs: {
    promise: 'In every row the values of the columns come to the given sum.',
    empty: 'An empty batch passes.',
    nulls:
      'A row with a NULL has no sum and does not break it; `ignore_row_if` says which rows count as missing.',
    source: 'https://greatexpectations.io/expectations/expect_multicolumn_sum_to_equal',
  },
  properties: {
    column_list: {
      ...columnListProperty,
      uniqueItems: false,
      description: 'Names of two or more columns; one that is named twice counts twice.',
    },
    sum_total: { type: 'number', description: 'What they come to.' },
  },
  required: ['sum_total'],
  breaks: ({ sum_total }, columns) =>
    sql`(${sql.join(columns.map(summand), sql` + `)}) <> ${sum_total}::numeric`,
  describe: ({ column_list, sum_total }) => `sum of ${column_list.join(', ')} ${sum_total}`,
  broken: 'with another sum',
  examples: [
    {
      title: 'shares that do not come to a whole',
      columns: { cash: 'numeric', card: 'numeric' },
      rows: [
        ['0.4', '0.6'],
        ['0.4', '0.5'],
        ['1', null],
        [null, null],
      ],
      kwargs: { column_list: ['cash', 'card'], sum_total: 1 },
      success: false,
      result: {
        element_count: 4,
        missing_count: 1,
        unexpected_count: 1,
        partial_unexpected_list: [{ cash: 0.4, card: 0.5 }],
      },
    },
    {
      title: 'whole numbers do not overflow',
      columns: { a: 'integer', b: 'integer' },
      rows: [['2147483647', '1']],
      kwargs: { column_list: ['a', 'b'], sum_total: 2_147_483_648 },
      success: true,
      result: { unexpected_count: 0 },
    },
  ],
});
