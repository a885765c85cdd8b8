const row = { type: 'object', minProperties: 1 };
const rows = { type: 'array', items: row };
const name = { type: 'string', minLength: 1 };

/** JSON Schema (draft-07) of a model's tests, `<model>.test.yaml` beside it. */
export const unitTestSchema: object = {
  type: 'object',
  additionalProperties: false,
  required: ['tests'],
  properties: {
    tests: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'given', 'expect'],
        properties: {
          name,
          as_of: name,
          given: { type: 'object', minProperties: 1, additionalProperties: rows },
          expect: rows,
          expect_columns: { type: 'array', minItems: 1, items: name },
        },
      },
    },
  },
};
