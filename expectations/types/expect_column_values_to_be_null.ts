import { sql } from 'kysely';
import { columnProperty, judgeRows, mostlyWords } from '../column-map.ts';
import type { ColumnKwargs } from '../column-map.ts';
import { defineExpectation } from '../define-expectation.ts';
import { countOf } from '../measured.ts';

/** No row has a value in a column. */
export default defineExpectation<ColumnKwargs>({
  type: 'expect_column_values_to_be_null',
  docs: {
    promise: 'No row has a value in the column.',
    empty: 'An empty batch passes.',
    nulls: 'A value breaks it, the empty text too.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_be_null',
  },
  properties: { column: columnProperty },
  required: ['column'],
  mostly: true,
  indexed: { names: false },
  columns: ({ column }) => [column],
  measure: ({ column }, scan) => ({
    elements: scan.count(),
    present: scan.present(scan.column(column)),
  }),
  failing: ({ column }, scan) => ({
    predicate: sql`${scan.column(column).sql} is not null`,
    columns: [column],
  }),
  provable: () => ({ claim: { kind: 'rows', about: 'values' }, measures: { present: sql`0` } }),
  judge: ({ mostly = 1 }, measured) => {
    const elements = countOf(measured, 'elements');
    const unexpected = countOf(measured, 'present');
    const judged = judgeRows({ elements, missing: 0, unexpected }, mostly, 'with a value');
    const { element_count = 0, unexpected_percent = null } = judged.result;
    const unexpected_count = elements === 0 ? null : unexpected;
    return { ...judged, result: { element_count, unexpected_count, unexpected_percent } };
  },
  describe: ({ column, mostly }) => `${column} empty${mostlyWords(mostly)}`,
  examples: [
    {
      title: 'one of three has a value',
      columns: { deleted_at: 'date' },
      rows: [['2017-01-01'], [null], [null]],
      kwargs: { column: 'deleted_at' },
      success: false,
      result: {
        element_count: 3,
        unexpected_count: 1,
        unexpected_percent: (1 / 3) * 100,
        partial_unexpected_list: ['2017-01-01'],
      },
    },
    {
      title: 'half may have one',
      columns: { note: 'text' },
      rows: [[''], [null]],
      kwargs: { column: 'note', mostly: 0.5 },
      success: true,
      result: { unexpected_count: 1 },
    },
  ],
});
