import { sql } from 'kysely';
import { defineColumnMap, mostlyWords } from '../column-map.ts';

/** What Postgres reads as a time and nobody means as one. */
const WORDS = ['now', 'today', 'tomorrow', 'yesterday', 'epoch', 'infinity', '-infinity', 'allballs'];

/** Every value of a text column can be read as a date or time. */
export default defineColumnMap({
  type: 'expect_column_values_to_be_dateutil_parseable',
  docs: {
    promise:
      "Every value of the column can be read as a date or time, by Postgres's rules: ISO 8601 and most usual forms, no words such as today.",
    empty: 'An empty batch passes.',
    nulls: 'NULLs are left out; the empty text is no date.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_be_dateutil_parseable',
  },
  properties: {},
  breaks: (_, column) =>
    sql`lower(btrim(${column.sql}::text)) = any(${WORDS}::text[]) or not pg_catalog.pg_input_is_valid(${column.sql}::text, 'timestamptz')`,
  describe: ({ column, mostly }) => `${column} a date or time${mostlyWords(mostly)}`,
  broken: 'neither a date nor a time',
  examples: [
    {
      title: 'a day that does not exist, and a word',
      columns: { at: 'text' },
      rows: [['2017-01-31'], ['2017-01-31T10:00:00Z'], ['Jan 31 2017'], ['2017-02-30'], ['today'], [null]],
      kwargs: { column: 'at' },
      success: false,
      result: { element_count: 6, missing_count: 1, unexpected_count: 2 },
    },
    {
      title: 'half of them',
      columns: { at: 'text' },
      rows: [['2017-01-31'], ['soon']],
      kwargs: { column: 'at', mostly: 0.5 },
      success: true,
      result: { unexpected_count: 1, partial_unexpected_list: ['soon'] },
    },
  ],
});
