import { sql } from 'kysely';
import { numeric } from '../column-aggregate.ts';
import { defineColumnMap, mostlyWords } from '../column-map.ts';
import type { ColumnKwargs } from '../column-map.ts';
import type { Sql } from '../scan.ts';

interface OutlierKwargs extends ColumnKwargs {
  readonly method?: 'iqr' | 'std';
  readonly multiplier?: number;
}

/** The ends of what is usual, as aggregates of `value`. */
function ends(value: Sql, { method, multiplier }: OutlierKwargs): readonly [low: Sql, high: Sql] {
  const times = sql`${multiplier ?? 1.5}::double precision`;
  if (method === 'std') {
    const reach = sql`${times} * stddev_samp(${value})`;
    return [sql`avg(${value}) - ${reach}`, sql`avg(${value}) + ${reach}`];
  }
  const quarter = sql`percentile_cont(0.25) within group (order by ${value})`;
  const threeQuarters = sql`percentile_cont(0.75) within group (order by ${value})`;
  const reach = sql`${times} * (${threeQuarters} - ${quarter})`;
  return [sql`${quarter} - ${reach}`, sql`${threeQuarters} + ${reach}`];
}

/** No value of a column lies far from the others. */
export default defineColumnMap<OutlierKwargs>({
  type: 'expect_column_values_to_not_be_outliers',
  docs: {
    promise:
      'No value of the column lies further than a multiple of the interquartile range outside the quartiles (`iqr`), or than a multiple of the standard deviation from the mean (`std`).',
    empty: 'An empty batch passes.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_not_be_outliers',
  },
  properties: {
    method: { type: 'string', enum: ['iqr', 'std'], description: 'By default iqr.' },
    multiplier: { type: 'number', minimum: 0, description: 'By default 1.5.' },
  },
  breaks: (kwargs, column, scan) => {
    const value = sql`${numeric(column).sql}::double precision`;
    const [low, high] = ends(value, kwargs);
    const beside = (end: Sql): Sql =>
      sql`(select ${end} from ${scan.batch} where ${scan.where(sql`${column.sql} is not null`)})`;
    return sql`${value} < ${beside(low)} or ${value} > ${beside(high)}`;
  },
  describe: ({ column, method, multiplier, mostly }) =>
    `${column} within ${multiplier ?? 1.5} ${method === 'std' ? 'standard deviations' : 'interquartile ranges'}${mostlyWords(mostly)}`,
  broken: 'far from the others',
  examples: [
    {
      title: 'by quartiles',
      columns: { amount: 'double precision' },
      rows: [['10'], ['11'], ['12'], ['13'], ['100'], [null]],
      kwargs: { column: 'amount' },
      success: false,
      result: { element_count: 6, missing_count: 1, unexpected_count: 1, partial_unexpected_list: [100] },
    },
    {
      title: 'by standard deviations',
      columns: { amount: 'integer' },
      rows: [['1'], ['2'], ['3']],
      kwargs: { column: 'amount', method: 'std', multiplier: 1 },
      success: true,
      result: { unexpected_count: 0 },
    },
  ],
});
