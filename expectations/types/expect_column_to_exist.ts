import { columnNames, namesOf, sameName } from '../column-names.ts';
import { columnProperty } from '../column-map.ts';
import { defineExpectation } from '../define-expectation.ts';
import { aboutTable } from '../table-fact.ts';

interface ExistKwargs {
  readonly column: string;
  readonly column_index?: number | null;
}

/** The table has a column. */
export default defineExpectation<ExistKwargs>({
  type: 'expect_column_to_exist',
  docs: {
    promise: 'The table has the column (at a place, where one is given). Capitals do not count.',
    empty: 'Rows do not matter.',
    nulls: 'Values do not matter.',
    source: 'https://greatexpectations.io/expectations/expect_column_to_exist',
  },
  properties: {
    column: columnProperty,
    column_index: { type: ['integer', 'null'], description: 'Its place, from 0. Null: anywhere.' },
  },
  required: ['column'],
  mostly: false,
  conditional: false,
  // None that have to be there: that is the question.
  columns: () => [],
  measure: (_, scan) => ({ names: columnNames(scan) }),
  judge: ({ column, column_index: index = null }, measured) => {
    const names = namesOf(measured);
    const place = names.findIndex((name) => sameName(name, column));
    const found = place >= 0 && (index === null || sameName(names[index], column));
    const where = place < 0 ? 'there is no such column' : `it is the column at ${place}`;
    return { ...aboutTable(where), success: found, result: {} };
  },
  describe: ({ column, column_index: index = null }) =>
    `column ${column} exists${index === null ? '' : ` at ${index}`}`,
  examples: [
    {
      title: 'it is there',
      columns: { id: 'integer', day: 'date' },
      rows: [],
      kwargs: { column: 'day', column_index: 1 },
      success: true,
      result: {},
    },
    {
      title: 'it is not',
      columns: { id: 'integer' },
      rows: [],
      kwargs: { column: 'day' },
      success: false,
      result: {},
    },
  ],
});
