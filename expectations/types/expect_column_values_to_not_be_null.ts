import { sql } from 'kysely';
import { columnProperty, judgeRows, mostlyWords } from '../column-map.ts';
import type { ColumnKwargs } from '../column-map.ts';
import { defineExpectation } from '../define-expectation.ts';
import { countOf } from '../measured.ts';

/** Every value of a column is present. */
export default defineExpectation<ColumnKwargs>({
  type: 'expect_column_values_to_not_be_null',
  docs: {
    promise: 'Every value of the column is present.',
    empty: 'An empty batch passes; pair it with expect_table_row_count_to_be_between.',
    nulls: 'NULL breaks it; the empty text does not.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_not_be_null',
  },
  properties: { column: columnProperty },
  required: ['column'],
  mostly: true,
  columns: ({ column }) => [column],
  measure: ({ column }, scan) => ({
    elements: scan.count(),
    present: scan.present(scan.column(column)),
  }),
  failing: ({ column }, scan) => ({ predicate: sql`${scan.column(column).sql} is null`, columns: [column] }),
  provable: (_, scan) => ({
    claim: { kind: 'rows', about: 'presence' },
    measures: { present: scan.count() },
  }),
  judge: ({ mostly = 1 }, measured) => {
    const elements = countOf(measured, 'elements');
    const unexpected = elements - countOf(measured, 'present');
    const judged = judgeRows({ elements, missing: 0, unexpected }, mostly, 'without a value');
    const { element_count = 0, unexpected_percent = null } = judged.result;
    const unexpected_count = elements === 0 ? null : unexpected;
    return { ...judged, result: { element_count, unexpected_count, unexpected_percent } };
  },
  describe: ({ column, mostly }) => `${column} present${mostlyWords(mostly)}`,
  examples: [
    {
      title: 'one of three is missing',
      columns: { store_id: 'text' },
      rows: [['S1'], [null], ['']],
      kwargs: { column: 'store_id' },
      success: false,
      result: {
        element_count: 3,
        unexpected_count: 1,
        unexpected_percent: (1 / 3) * 100,
        partial_unexpected_list: [null],
      },
    },
    {
      title: 'half may be missing',
      columns: { customer_id: 'text' },
      rows: [['C1'], [null]],
      kwargs: { column: 'customer_id', mostly: 0.5 },
      success: true,
      result: { element_count: 2, unexpected_count: 1 },
    },
    {
      title: 'an empty batch',
      columns: { store_id: 'text' },
      rows: [],
      kwargs: { column: 'store_id' },
      success: true,
      result: { element_count: 0, unexpected_count: null, unexpected_percent: null },
    },
  ],
});
