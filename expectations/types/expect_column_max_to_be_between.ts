import { sql } from 'kysely';
import { outside, rangeProperties, rangeWords } from '../bounds.ts';
import type { Range } from '../bounds.ts';
import { columnProperty } from '../column-map.ts';
import { defineExpectation } from '../define-expectation.ts';
import { shown } from '../measured.ts';

interface MaxKwargs extends Range {
  readonly column: string;
}

/** The highest value of a column lies in a range: freshness, when the column is a time. */
export default defineExpectation<MaxKwargs>({
  type: 'expect_column_max_to_be_between',
  docs: {
    promise: 'The highest (newest) value of the column lies between two bounds.',
    empty: 'An empty batch breaks it: there is no highest value.',
    nulls: 'NULLs are left out; a column of nothing but NULLs breaks it.',
    source: 'https://greatexpectations.io/expectations/expect_column_max_to_be_between',
  },
  properties: { column: columnProperty, ...rangeProperties },
  required: ['column'],
  mostly: false,
  columns: ({ column }) => [column],
  measure: (kwargs, scan) => {
    const column = scan.column(kwargs.column);
    const highest = scan.aggregate(sql`max(${column.sql})`);
    const breaks = outside(highest, column, kwargs);
    return {
      // jsonb keeps what a double or a clock reading would lose: all digits, and ISO 8601 text.
      observed: sql`to_jsonb(${highest})`,
      // Compared where the value is, with its own type.
      outside: breaks.length === 0 ? sql`false` : sql`coalesce(${sql.join(breaks, sql` or `)}, true)`,
    };
  },
  judge: (_, measured) => {
    const observed = measured['observed'] ?? null;
    return {
      success: observed !== null && measured['outside'] === false,
      result: { observed_value: observed },
      observed: observed === null ? 'no value at all' : `highest is ${shown(observed)}`,
      unexpectedCount: null,
      elementCount: null,
    };
  },
  describe: (kwargs) => `highest ${kwargs.column} ${rangeWords(kwargs)}`,
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
