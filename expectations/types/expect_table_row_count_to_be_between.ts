import { checkOrder, rangeWords, wholeRangeProperties } from '../bounds.ts';
import { defineExpectation } from '../define-expectation.ts';
import { countOf, grouped } from '../measured.ts';

interface RowCountKwargs {
  readonly min_value?: number | null;
  readonly max_value?: number | null;
  readonly strict_min?: boolean;
  readonly strict_max?: boolean;
}

/** The batch has a number of rows in a range. */
export default defineExpectation<RowCountKwargs>({
  type: 'expect_table_row_count_to_be_between',
  docs: {
    promise: 'The batch has a number of rows between two bounds.',
    empty: 'An empty batch has 0 rows, and is judged by that.',
    nulls: 'Rows count, whatever is in them.',
    source: 'https://greatexpectations.io/expectations/expect_table_row_count_to_be_between',
  },
  properties: wholeRangeProperties,
  required: [],
  mostly: false,
  check: checkOrder,
  columns: () => [],
  measure: (_, scan) => ({ rows: scan.count() }),
  judge: ({ min_value: min = null, max_value: max = null, strict_min, strict_max }, measured) => {
    const rows = countOf(measured, 'rows');
    const reaches = min === null || (strict_min === true ? rows > min : rows >= min);
    const fits = max === null || (strict_max === true ? rows < max : rows <= max);
    return {
      success: reaches && fits,
      result: { observed_value: rows },
      observed: `${grouped(rows)} ${rows === 1 ? 'row' : 'rows'}`,
      unexpectedCount: null,
      elementCount: null,
      bounded: { value: rows, lower: min, upper: max },
    };
  },
  describe: (kwargs) => `rows ${rangeWords(kwargs)}`,
  examples: [
    {
      title: 'enough rows',
      columns: { id: 'integer' },
      rows: [['1'], [null]],
      kwargs: { min_value: 2, max_value: 2 },
      success: true,
      result: { observed_value: 2 },
    },
    {
      title: 'an empty batch where one row is asked for',
      columns: { id: 'integer' },
      rows: [],
      kwargs: { min_value: 1 },
      success: false,
      result: { observed_value: 0 },
    },
  ],
});
