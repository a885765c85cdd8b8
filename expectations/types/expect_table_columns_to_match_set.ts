import { columnNames, namesOf, sameName } from '../column-names.ts';
import { defineExpectation } from '../define-expectation.ts';
import { aboutTable } from '../table-fact.ts';

interface ColumnSetKwargs {
  readonly column_set: readonly string[];
  readonly exact_match?: boolean | null;
}

/** The table has some columns, and no others unless they are allowed. */
export default defineExpectation<ColumnSetKwargs>({
  type: 'expect_table_columns_to_match_set',
  docs: {
    promise:
      'The table has the columns of a set, in any order, and no others unless allowed. Capitals do not count.',
    empty: 'Rows do not matter.',
    nulls: 'Values do not matter.',
    source: 'https://greatexpectations.io/expectations/expect_table_columns_to_match_set',
  },
  properties: {
    column_set: { type: 'array', items: { type: 'string' }, description: 'Names of columns.' },
    exact_match: { type: ['boolean', 'null'], description: 'False: further columns are allowed.' },
  },
  required: ['column_set'],
  mostly: false,
  conditional: false,
  columns: () => [],
  measure: (_, scan) => ({ names: columnNames(scan) }),
  judge: ({ column_set, exact_match }, measured) => {
    const names = namesOf(measured);
    const unexpected = names.filter((name) => !column_set.some((wanted) => sameName(name, wanted)));
    const missing = column_set.filter((wanted) => !names.some((name) => sameName(name, wanted)));
    const mismatched = {
      ...(unexpected.length === 0 ? {} : { unexpected }),
      ...(missing.length === 0 ? {} : { missing }),
    };
    return {
      ...aboutTable(`${missing.length} columns missing, ${unexpected.length} further ones`),
      success:
        missing.length === 0 && (exact_match === false || exact_match === null || unexpected.length === 0),
      result: {
        observed_value: names.toSorted(),
        ...(Object.keys(mismatched).length === 0 ? {} : { details: { mismatched } }),
      },
    };
  },
  describe: ({ column_set, exact_match }) =>
    `${exact_match === false ? 'at least' : 'exactly'} the columns ${column_set.join(', ')}`,
  examples: [
    {
      title: 'one missing, one too many',
      columns: { id: 'integer', day: 'date' },
      rows: [],
      kwargs: { column_set: ['id', 'store'] },
      success: false,
      result: {
        observed_value: ['day', 'id'],
        details: { mismatched: { unexpected: ['day'], missing: ['store'] } },
      },
    },
    {
      title: 'further columns are allowed',
      columns: { id: 'integer', day: 'date' },
      rows: [],
      kwargs: { column_set: ['id'], exact_match: false },
      success: true,
      result: { details: { mismatched: { unexpected: ['day'] } } },
    },
  ],
});
