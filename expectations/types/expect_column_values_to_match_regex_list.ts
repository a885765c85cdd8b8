import { sql } from 'kysely';
import { defineColumnMap, mostlyWords } from '../column-map.ts';
import { matches, matching, matchOnProperty, patternsProperty, patternWords } from '../patterns.ts';
import type { RegexListKwargs } from '../patterns.ts';

/** Every value of a text column matches any, or all, of some regular expressions. */
export default defineColumnMap<RegexListKwargs>({
  type: 'expect_column_values_to_match_regex_list',
  docs: {
    promise:
      "Every value of the column matches any (or all) of some regular expressions of Postgres's, anywhere in the text.",
    empty: 'An empty batch passes.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_match_regex_list',
  },
  properties: { regex_list: patternsProperty('regular expressions'), match_on: matchOnProperty },
  required: ['regex_list'],
  breaks: ({ regex_list, match_on }, column) =>
    sql`not ${matching(
      regex_list.map((regex) => matches(column, regex)),
      match_on,
    )}`,
  describe: ({ column, regex_list, match_on, mostly }) =>
    `${column} matching ${patternWords(regex_list, match_on)}${mostlyWords(mostly)}`,
  broken: 'not matching',
  examples: [
    {
      title: 'any of two',
      columns: { code: 'text' },
      rows: [['12'], ['ab'], ['--'], [null]],
      kwargs: { column: 'code', regex_list: ['^\\d+$', '^[a-z]+$'] },
      success: false,
      result: { element_count: 4, missing_count: 1, unexpected_count: 1, partial_unexpected_list: ['--'] },
    },
    {
      title: 'all of two',
      columns: { code: 'text' },
      rows: [['a1'], ['a']],
      kwargs: { column: 'code', regex_list: ['a', '1'], match_on: 'all' },
      success: false,
      result: { unexpected_count: 1, partial_unexpected_list: ['a'] },
    },
  ],
});
