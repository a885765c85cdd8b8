import { sql } from 'kysely';
import { countsOf, judgeRows, mostlyWords } from '../column-map.ts';
import { defineExpectation } from '../define-expectation.ts';
import { allPresent, countRepeated, isRepeated } from '../repeats.ts';
import type { Column, Scan, Sql } from '../scan.ts';

interface CompoundKwargs {
  readonly column_list: readonly string[];
  readonly ignore_row_if?: 'all_values_are_missing' | 'any_value_is_missing' | 'never';
  readonly mostly?: number;
}

/** Rows that are asked: those that `ignore_row_if` leaves out count as missing. */
function asked(kwargs: CompoundKwargs, columns: readonly Column[]): Sql {
  if (kwargs.ignore_row_if === 'never') return sql`true`;
  if (kwargs.ignore_row_if === 'any_value_is_missing') return allPresent(columns);
  return sql`num_nonnulls(${sql.join(columns.map((column) => column.sql))}) > 0`;
}

function columnsOf(kwargs: CompoundKwargs, scan: Scan): readonly Column[] {
  return kwargs.column_list.map((name) => scan.column(name));
}

/** No combination of values of some columns occurs twice. */
export default defineExpectation<CompoundKwargs>({
  type: 'expect_compound_columns_to_be_unique',
  docs: {
    promise:
      'No combination of values of the columns occurs twice in the batch. Every row of a repeated one counts.',
    empty: 'An empty batch passes.',
    nulls: 'A combination with a NULL repeats nothing; `ignore_row_if` says which rows count as missing.',
    source: 'https://greatexpectations.io/expectations/expect_compound_columns_to_be_unique',
  },
  properties: {
    column_list: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      minItems: 2,
      uniqueItems: true,
      description: 'Names of two or more columns.',
    },
    ignore_row_if: {
      type: 'string',
      enum: ['all_values_are_missing', 'any_value_is_missing', 'never'],
      description: 'Rows that are left out; by default those without any of the values.',
    },
  },
  required: ['column_list'],
  mostly: true,
  indexed: { lists: false },
  columns: ({ column_list }) => column_list,
  measure: (kwargs, scan) => {
    const columns = columnsOf(kwargs, scan);
    return {
      elements: scan.count(),
      present: scan.count(asked(kwargs, columns)),
      unexpected: countRepeated(scan, columns, allPresent(columns)),
    };
  },
  failing: (kwargs, scan) => {
    const columns = columnsOf(kwargs, scan);
    return { predicate: isRepeated(scan, columns, allPresent(columns)), columns: kwargs.column_list };
  },
  provable: ({ column_list: columns }) => ({
    claim: { kind: 'unique', columns },
    measures: { unexpected: sql`0` },
  }),
  judge: ({ mostly = 1 }, measured) =>
    judgeRows(countsOf(measured), mostly, 'with a combination that occurs more than once'),
  describe: ({ column_list, mostly }) => `${column_list.join(', ')} unique together${mostlyWords(mostly)}`,
  examples: [
    {
      title: 'a repeated pair; a pair with a NULL repeats nothing',
      columns: { day: 'date', store_id: 'text' },
      rows: [
        ['2017-01-01', 'S1'],
        ['2017-01-01', 'S1'],
        ['2017-01-02', 'S1'],
        [null, 'S2'],
        [null, 'S2'],
        [null, null],
      ],
      kwargs: { column_list: ['day', 'store_id'] },
      success: false,
      result: {
        element_count: 6,
        unexpected_count: 2,
        missing_count: 1,
        partial_unexpected_list: [
          { day: '2017-01-01', store_id: 'S1' },
          { day: '2017-01-01', store_id: 'S1' },
        ],
      },
    },
    {
      title: 'rows with any NULL left out',
      columns: { a: 'integer', b: 'integer' },
      rows: [
        ['1', '1'],
        ['1', '2'],
        ['1', null],
      ],
      kwargs: { column_list: ['a', 'b'], ignore_row_if: 'any_value_is_missing' },
      success: true,
      result: { element_count: 3, missing_count: 1, unexpected_count: 0 },
    },
  ],
});
