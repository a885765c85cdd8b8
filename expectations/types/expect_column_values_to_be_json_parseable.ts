import { sql } from 'kysely';
import { defineColumnMap, mostlyWords } from '../column-map.ts';

/** Every value of a text column is JSON. */
export default defineColumnMap({
  type: 'expect_column_values_to_be_json_parseable',
  docs: {
    promise: 'Every value of the column is JSON, by RFC 8259: NaN and Infinity are none.',
    empty: 'An empty batch passes.',
    nulls: 'NULLs are left out; the empty text is no JSON.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_be_json_parseable',
  },
  properties: {},
  breaks: (_, column) => sql`not pg_catalog.pg_input_is_valid(${column.sql}::text, 'json')`,
  describe: ({ column, mostly }) => `${column} JSON${mostlyWords(mostly)}`,
  broken: 'not JSON',
  examples: [
    {
      title: 'cut off in the middle',
      columns: { payload: 'text' },
      rows: [['{"a": 1}'], ['[1, "b", null]'], ['7'], ['{"a": '], [null]],
      kwargs: { column: 'payload' },
      success: false,
      result: {
        element_count: 5,
        missing_count: 1,
        unexpected_count: 1,
        partial_unexpected_list: ['{"a": '],
      },
    },
    {
      title: 'a column of JSON',
      columns: { payload: 'jsonb' },
      rows: [['{"a": 1}']],
      kwargs: { column: 'payload' },
      success: true,
      result: { unexpected_count: 0 },
    },
  ],
});
