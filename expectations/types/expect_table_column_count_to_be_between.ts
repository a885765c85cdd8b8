import { sql } from 'kysely';
import { rangeWords, wholeRangeProperties } from '../bounds.ts';
import { defineExpectation } from '../define-expectation.ts';
import { countOf } from '../measured.ts';
import { aboutTable } from '../table-fact.ts';

interface ColumnCountKwargs {
  readonly min_value?: number | null;
  readonly max_value?: number | null;
}

const { min_value, max_value } = wholeRangeProperties;

/** The table has a number of columns in a range. */
export default defineExpectation<ColumnCountKwargs>({
  type: 'expect_table_column_count_to_be_between',
  docs: {
    promise: 'The table has a number of columns between two bounds.',
    empty: 'Rows do not matter.',
    nulls: 'Values do not matter.',
    source: 'https://greatexpectations.io/expectations/expect_table_column_count_to_be_between',
  },
  properties: { min_value: min_value ?? {}, max_value: max_value ?? {} },
  required: [],
  mostly: false,
  conditional: false,
  columns: () => [],
  measure: (_, scan) => ({ columns: sql`${scan.columns.length}::integer` }),
  judge: ({ min_value: min = null, max_value: max = null }, measured) => {
    const columns = countOf(measured, 'columns');
    return {
      ...aboutTable(`${columns} columns`),
      success: (min === null || columns >= min) && (max === null || columns <= max),
      result: { observed_value: columns },
      bounded: { value: columns, lower: min, upper: max },
    };
  },
  describe: (kwargs) => `columns ${rangeWords(kwargs)}`,
  examples: [
    {
      title: 'within the range',
      columns: { id: 'integer', day: 'date' },
      rows: [],
      kwargs: { min_value: 1, max_value: 2 },
      success: true,
      result: { observed_value: 2 },
    },
    {
      title: 'too few',
      columns: { id: 'integer', day: 'date' },
      rows: [],
      kwargs: { min_value: 3 },
      success: false,
      result: { observed_value: 2 },
    },
  ],
});
