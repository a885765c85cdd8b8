import { sql } from 'kysely';
import { checkBounded, outside, rangeWords, wholeRangeProperties } from '../bounds.ts';
import type { Range } from '../bounds.ts';
import { defineColumnMap, mostlyWords } from '../column-map.ts';
import type { ColumnKwargs } from '../column-map.ts';

/** Every text of a column has a length in a range. */
export default defineColumnMap<ColumnKwargs & Range>({
  type: 'expect_column_value_lengths_to_be_between',
  docs: {
    promise: 'Every text of the column has a number of characters between two bounds.',
    empty: 'An empty batch passes.',
    nulls: 'NULLs are left out; the empty text has length 0.',
    source: 'https://greatexpectations.io/expectations/expect_column_value_lengths_to_be_between',
  },
  properties: wholeRangeProperties,
  check: checkBounded,
  breaks: (kwargs, column) =>
    sql.join(outside(sql`length(${column.sql})`, { ...column, category: 'whole' }, kwargs), sql` or `),
  describe: (kwargs) => `length of ${kwargs.column} ${rangeWords(kwargs)}${mostlyWords(kwargs.mostly)}`,
  broken: 'of another length',
  examples: [
    {
      title: 'characters count, not bytes',
      columns: { code: 'text' },
      rows: [['größe'], ['ab'], [''], [null]],
      kwargs: { column: 'code', min_value: 1, max_value: 5 },
      success: false,
      result: { element_count: 4, missing_count: 1, unexpected_count: 1, partial_unexpected_list: [''] },
    },
  ],
});
