import { sql } from 'kysely';
import { defineColumnMap, mostlyWords } from '../column-map.ts';
import type { ColumnKwargs } from '../column-map.ts';

interface LengthKwargs extends ColumnKwargs {
  readonly value: number;
}

/** Every text of a column has one length. */
export default defineColumnMap<LengthKwargs>({
  type: 'expect_column_value_lengths_to_equal',
  docs: {
    promise: 'Every text of the column has a given number of characters.',
    empty: 'An empty batch passes.',
    nulls: 'NULLs are left out; the empty text has length 0.',
    source: 'https://greatexpectations.io/expectations/expect_column_value_lengths_to_equal',
  },
  properties: { value: { type: 'number', description: 'How many characters.' } },
  required: ['value'],
  breaks: ({ value }, column) => sql`length(${column.sql}) <> ${value}::numeric`,
  describe: ({ column, value, mostly }) => `length of ${column} ${value}${mostlyWords(mostly)}`,
  broken: 'of another length',
  examples: [
    {
      title: 'characters count, not bytes',
      columns: { code: 'text' },
      rows: [['größe'], ['ab'], [''], [null]],
      kwargs: { column: 'code', value: 5 },
      success: false,
      result: { element_count: 4, missing_count: 1, unexpected_count: 2 },
    },
    {
      title: 'half of them',
      columns: { code: 'text' },
      rows: [['a'], ['bb']],
      kwargs: { column: 'code', value: 1, mostly: 0.5 },
      success: true,
      result: { unexpected_count: 1, partial_unexpected_list: ['bb'] },
    },
  ],
});
