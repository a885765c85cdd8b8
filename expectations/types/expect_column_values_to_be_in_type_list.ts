import { defineTypeExpectation, typeDocs, typeProperty } from '../type-expectation.ts';

interface TypeKwargs {
  readonly column: string;
  readonly type_list?: readonly string[] | null;
}

/** A column was declared with one of the given types. */
export default defineTypeExpectation<TypeKwargs>({
  type: 'expect_column_values_to_be_in_type_list',
  docs: {
    promise: 'The column was declared with one of the given types.',
    ...typeDocs,
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_be_in_type_list',
  },
  properties: {
    type_list: { type: ['array', 'null'], items: typeProperty, description: 'Types. Null: any.' },
  },
  required: [],
  mostly: true,
  types: ({ type_list = null }) => type_list,
  examples: [
    {
      title: 'with its precision',
      columns: { amount: 'numeric(12,2)' },
      rows: [],
      kwargs: { column: 'amount', type_list: ['INTEGER', 'NUMERIC(12, 2)'] },
      success: true,
      result: { observed_value: 'NUMERIC(12, 2)' },
    },
    {
      title: 'another type',
      columns: { amount: 'numeric(12,2)' },
      rows: [['1']],
      kwargs: { column: 'amount', type_list: ['INTEGER'] },
      success: false,
      result: { observed_value: 'NUMERIC(12, 2)' },
    },
  ],
});
