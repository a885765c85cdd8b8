import { sql } from 'kysely';
import { columnProperty, countsOf, judgeRows, mostlyWords } from '../column-map.ts';
import type { ColumnKwargs } from '../column-map.ts';
import { defineExpectation } from '../define-expectation.ts';
import { countRepeated, isRepeated } from '../repeats.ts';

/** No value of a column occurs twice. */
export default defineExpectation<ColumnKwargs>({
  type: 'expect_column_values_to_be_unique',
  docs: {
    promise: 'No value of the column occurs twice in the batch. Every row of a repeated value counts.',
    empty: 'An empty batch passes.',
    nulls: 'NULLs are left out: they repeat nothing.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_be_unique',
  },
  properties: { column: columnProperty },
  required: ['column'],
  mostly: true,
  columns: ({ column }) => [column],
  measure: ({ column: name }, scan) => {
    const column = scan.column(name);
    return {
      elements: scan.count(),
      present: scan.present(column),
      unexpected: countRepeated(scan, [column], sql`${column.sql} is not null`),
    };
  },
  failing: ({ column: name }, scan) => {
    const column = scan.column(name);
    return { predicate: isRepeated(scan, [column], sql`${column.sql} is not null`), columns: [name] };
  },
  provable: ({ column }) => ({
    claim: { kind: 'unique', columns: [column] },
    measures: { unexpected: sql`0` },
  }),
  judge: ({ mostly = 1 }, measured) =>
    judgeRows(countsOf(measured), mostly, 'with a value that occurs more than once'),
  describe: ({ column, mostly }) => `${column} unique${mostlyWords(mostly)}`,
  examples: [
    {
      title: 'both rows of a repeated value count, NULLs do not',
      columns: { transaction_id: 'text' },
      rows: [['T1'], ['T1'], ['T2'], [null], [null]],
      kwargs: { column: 'transaction_id' },
      success: false,
      result: {
        element_count: 5,
        unexpected_count: 2,
        missing_count: 2,
        unexpected_percent: (2 / 3) * 100,
        partial_unexpected_list: ['T1', 'T1'],
        partial_unexpected_counts: [{ value: 'T1', count: 2 }],
      },
    },
    {
      title: 'capitals and blanks differ',
      columns: { code: 'text' },
      rows: [['a'], ['A'], ['a ']],
      kwargs: { column: 'code' },
      success: true,
      result: { element_count: 3, unexpected_count: 0 },
    },
    {
      title: 'numbers that are equal are equal however they are written',
      columns: { amount: 'numeric' },
      rows: [['1.0'], ['1.00'], ['2']],
      kwargs: { column: 'amount', mostly: 0.5 },
      success: false,
      result: { unexpected_count: 2 },
    },
  ],
});
