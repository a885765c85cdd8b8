import { sql } from 'kysely';
import { numeric } from '../column-aggregate.ts';
import { defineColumnMap, mostlyWords } from '../column-map.ts';
import type { ColumnKwargs } from '../column-map.ts';

interface ScoreKwargs extends ColumnKwargs {
  readonly threshold: number;
  readonly double_sided: boolean;
}

/** Every value of a column is less than so many standard deviations from the mean. */
export default defineColumnMap<ScoreKwargs>({
  type: 'expect_column_value_z_scores_to_be_less_than',
  docs: {
    promise:
      'Every value of the column is less than a number of standard deviations above the mean, and below it where both sides count.',
    empty: 'An empty batch passes; where all values are the same there is no deviation, and they pass.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_value_z_scores_to_be_less_than',
  },
  properties: {
    threshold: { type: 'number', description: 'How many standard deviations.' },
    double_sided: { type: 'boolean', description: 'Whether values far below the mean break it too.' },
  },
  required: ['threshold', 'double_sided'],
  breaks: ({ threshold, double_sided }, column, scan) => {
    const value = sql`${numeric(column).sql}::double precision`;
    const present = scan.where(sql`${column.sql} is not null`);
    // Two scalar subqueries, run once beside the scan: mean and deviation have to be known before a row is judged.
    const away = sql`${value} - (select avg(${value}) from ${scan.batch} where ${present})`;
    const deviation = sql`(select nullif(stddev_samp(${value}), 0) from ${scan.batch} where ${present})`;
    const score = sql`(${away}) / ${deviation}`;
    const measured = double_sided ? sql`abs(${score})` : score;
    return sql`${measured} >= ${threshold}::double precision`;
  },
  describe: ({ column, threshold, double_sided, mostly }) =>
    `${column} less than ${threshold} standard deviations ${double_sided ? 'from' : 'above'} the mean${mostlyWords(mostly)}`,
  broken: 'too far off',
  examples: [
    {
      title: 'both sides',
      columns: { amount: 'integer' },
      rows: [['-1'], ['0'], ['1'], [null]],
      kwargs: { column: 'amount', threshold: 1, double_sided: true },
      success: false,
      result: { element_count: 4, missing_count: 1, unexpected_count: 2, partial_unexpected_list: [-1, 1] },
    },
    {
      title: 'above only',
      columns: { amount: 'integer' },
      rows: [['-1'], ['0'], ['1']],
      kwargs: { column: 'amount', threshold: 1, double_sided: false },
      success: false,
      result: { unexpected_count: 1, partial_unexpected_list: [1] },
    },
    {
      title: 'all the same',
      columns: { amount: 'numeric' },
      rows: [['5'], ['5']],
      kwargs: { column: 'amount', threshold: 1, double_sided: true },
      success: true,
      result: { unexpected_count: 0 },
    },
  ],
});
