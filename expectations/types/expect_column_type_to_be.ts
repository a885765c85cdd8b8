import { defineTypeExpectation, typeDocs, typeProperty } from '../type-expectation.ts';

interface TypeKwargs {
  readonly column: string;
  readonly type_: string;
}

/** A column was declared with the given type. */
export default defineTypeExpectation<TypeKwargs>({
  type: 'expect_column_type_to_be',
  docs: {
    promise: 'The column was declared with the given type.',
    ...typeDocs,
    source: 'https://greatexpectations.io/expectations/expect_column_type_to_be',
  },
  properties: { type_: typeProperty },
  required: ['type_'],
  mostly: false,
  conditional: false,
  types: ({ type_ }) => [type_],
  examples: [
    {
      title: 'with its precision',
      columns: { amount: 'numeric(12,2)' },
      rows: [],
      kwargs: { column: 'amount', type_: 'NUMERIC(12, 2)' },
      success: true,
      result: { observed_value: 'NUMERIC(12, 2)' },
    },
    {
      title: 'another type',
      columns: { amount: 'numeric(12,2)' },
      rows: [['1']],
      kwargs: { column: 'amount', type_: 'NUMERIC' },
      success: false,
      result: { observed_value: 'NUMERIC(12, 2)' },
    },
  ],
});
