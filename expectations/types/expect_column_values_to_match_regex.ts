import { sql } from 'kysely';
import { defineColumnMap, mostlyWords } from '../column-map.ts';
import type { ColumnKwargs } from '../column-map.ts';
import { shown } from '../measured.ts';

/** Matches any text, as in Great Expectations where nothing is said. */
const ANY = '(?s).*';

interface RegexKwargs extends ColumnKwargs {
  readonly regex?: string;
}

/** Every value of a text column matches a regular expression. */
export default defineColumnMap<RegexKwargs>({
  type: 'expect_column_values_to_match_regex',
  docs: {
    promise: "Every value of the column matches a regular expression of Postgres's, anywhere in the text.",
    empty: 'An empty batch passes.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_match_regex',
  },
  properties: { regex: { type: 'string', description: 'Anchor it with ^ and $ to match the whole text.' } },
  breaks: ({ regex = ANY }, column) => sql`${column.sql} !~ ${regex}::text`,
  describe: ({ column, regex = ANY, mostly }) => `${column} matching ${shown(regex)}${mostlyWords(mostly)}`,
  broken: 'not matching',
  examples: [
    {
      title: 'a store id of another form',
      columns: { store_id: 'text' },
      rows: [['STORE_00012'], ['store 12'], [null]],
      kwargs: { column: 'store_id', regex: '^STORE_\\d{5}$' },
      success: false,
      result: {
        element_count: 3,
        missing_count: 1,
        unexpected_count: 1,
        partial_unexpected_list: ['store 12'],
      },
    },
    {
      title: 'quotes are only text',
      columns: { note: 'text' },
      rows: [["it's"]],
      kwargs: { column: 'note', regex: "'" },
      success: true,
      result: { unexpected_count: 0 },
    },
  ],
});
