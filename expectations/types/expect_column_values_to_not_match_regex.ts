import { sql } from 'kysely';
import { defineColumnMap, mostlyWords } from '../column-map.ts';
import type { ColumnKwargs } from '../column-map.ts';
import { shown } from '../measured.ts';

interface RegexKwargs extends ColumnKwargs {
  readonly regex: string;
}

/** No value of a text column matches a regular expression. */
export default defineColumnMap<RegexKwargs>({
  type: 'expect_column_values_to_not_match_regex',
  docs: {
    promise: "No value of the column matches a regular expression of Postgres's, anywhere in the text.",
    empty: 'An empty batch passes.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_not_match_regex',
  },
  properties: { regex: { type: 'string', description: 'Anchor it with ^ and $ to match the whole text.' } },
  required: ['regex'],
  breaks: ({ regex }, column) => sql`${column.sql} ~ ${regex}::text`,
  describe: ({ column, regex, mostly }) => `${column} not matching ${shown(regex)}${mostlyWords(mostly)}`,
  broken: 'matching',
  examples: [
    {
      title: 'a digit in a name',
      columns: { name: 'text' },
      rows: [['Ann'], ['B0b'], [null]],
      kwargs: { column: 'name', regex: '\\d' },
      success: false,
      result: { element_count: 3, missing_count: 1, unexpected_count: 1, partial_unexpected_list: ['B0b'] },
    },
    {
      title: 'capitals differ',
      columns: { name: 'text' },
      rows: [['abc'], ['ABC']],
      kwargs: { column: 'name', regex: '^[A-Z]+$', mostly: 0.5 },
      success: true,
      result: { unexpected_count: 1 },
    },
  ],
});
