import { columnNames, namesOf, sameName } from '../column-names.ts';
import { defineExpectation } from '../define-expectation.ts';
import { aboutTable } from '../table-fact.ts';

interface ListKwargs {
  readonly column_list?: readonly string[] | null;
}

/** The table has exactly some columns, in their order. */
export default defineExpectation<ListKwargs>({
  type: 'expect_table_columns_to_match_ordered_list',
  docs: {
    promise: 'The table has exactly the columns of a list, in that order. Capitals do not count.',
    empty: 'Rows do not matter.',
    nulls: 'Values do not matter.',
    source: 'https://greatexpectations.io/expectations/expect_table_columns_to_match_ordered_list',
  },
  properties: {
    column_list: {
      type: ['array', 'null'],
      items: { type: 'string' },
      description: 'Names of columns. Null: any columns.',
    },
  },
  required: [],
  mostly: false,
  conditional: false,
  columns: () => [],
  measure: (_, scan) => ({ names: columnNames(scan) }),
  judge: ({ column_list: expected }, measured) => {
    const names = namesOf(measured);
    const wanted = expected ?? names;
    const places = Array.from({ length: Math.max(names.length, wanted.length) }, (_, place) => place);
    const same = places.every((place) => sameName(names[place], wanted[place]));
    // Where they differ at all, each name is told that is not the same to the letter.
    const mismatched = places
      .filter((place) => !same && names[place] !== wanted[place])
      .map((place) => ({
        'Expected Column Position': place,
        Expected: wanted[place] ?? null,
        Found: names[place] ?? null,
      }));
    return {
      ...aboutTable(mismatched.length === 0 ? 'the columns listed' : `${mismatched.length} columns differ`),
      success: mismatched.length === 0,
      result: { observed_value: names, ...(mismatched.length === 0 ? {} : { details: { mismatched } }) },
    };
  },
  describe: ({ column_list }) =>
    column_list === null || column_list === undefined
      ? 'any columns'
      : `columns ${column_list.join(', ')}, in this order`,
  examples: [
    {
      title: 'in another order',
      columns: { id: 'integer', day: 'date' },
      rows: [],
      kwargs: { column_list: ['day', 'id'] },
      success: false,
      result: {
        observed_value: ['id', 'day'],
        details: {
          mismatched: [
            { 'Expected Column Position': 0, Expected: 'day', Found: 'id' },
            { 'Expected Column Position': 1, Expected: 'id', Found: 'day' },
          ],
        },
      },
    },
    {
      title: 'as listed',
      columns: { id: 'integer', day: 'date' },
      rows: [],
      kwargs: { column_list: ['id', 'day'] },
      success: true,
      result: { observed_value: ['id', 'day'] },
    },
  ],
});
