import { sql } from 'kysely';
import { checkBounded, checkOrder, outside, rangeProperties, rangeWords } from '../bounds.ts';
import type { Range } from '../bounds.ts';
import { defineColumnMap, mostlyWords } from '../column-map.ts';
import type { ColumnKwargs } from '../column-map.ts';

/** Every value of a column lies in a range. */
export default defineColumnMap<ColumnKwargs & Range>({
  type: 'expect_column_values_to_be_between',
  docs: {
    promise: 'Every value of the column lies between two bounds, the bounds included unless they are strict.',
    empty: 'An empty batch passes.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_be_between',
  },
  properties: rangeProperties,
  check: (kwargs) => [...checkBounded(kwargs), ...checkOrder(kwargs)],
  breaks: (kwargs, column) => sql.join(outside(column.sql, column, kwargs), sql` or `),
  strict: () => true,
  describe: (kwargs) => `${kwargs.column} ${rangeWords(kwargs)}${mostlyWords(kwargs.mostly)}`,
  broken: 'outside',
  examples: [
    {
      title: 'an amount above the limit',
      columns: { total_amount: 'numeric(12,2)' },
      rows: [['0'], ['100000'], ['100000.01'], [null]],
      kwargs: { column: 'total_amount', min_value: 0, max_value: 100_000 },
      success: false,
      result: {
        element_count: 4,
        missing_count: 1,
        unexpected_count: 1,
        unexpected_percent: (1 / 3) * 100,
        unexpected_percent_total: 25,
        partial_unexpected_list: [100_000.01],
      },
    },
    {
      title: 'a strict bound leaves itself out',
      columns: { quantity: 'integer' },
      rows: [['0'], ['1']],
      kwargs: { column: 'quantity', min_value: 0, strict_min: true, mostly: 0.5 },
      success: true,
      result: { unexpected_count: 1 },
    },
    {
      title: 'a half against whole numbers',
      columns: { quantity: 'integer' },
      rows: [['0'], ['1']],
      kwargs: { column: 'quantity', min_value: 0.5 },
      success: false,
      result: { unexpected_count: 1, partial_unexpected_list: [0] },
    },
    {
      title: 'times with and without a zone, and dates, are compared in UTC',
      columns: { at: 'timestamp' },
      rows: [['2017-01-01 09:59:59'], ['2017-01-01 10:00:00']],
      kwargs: { column: 'at', min_value: '2017-01-01T11:00:00+01:00' },
      success: false,
      result: { unexpected_count: 1, partial_unexpected_list: ['2017-01-01T09:59:59'] },
    },
  ],
});
