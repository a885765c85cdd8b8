import { defineColumnMap, mostlyWords } from '../column-map.ts';
import { matches, matching, patternsProperty, patternWords } from '../patterns.ts';
import type { RegexListKwargs } from '../patterns.ts';

/** No value of a text column matches any of some regular expressions. */
export default defineColumnMap<RegexListKwargs>({
  type: 'expect_column_values_to_not_match_regex_list',
  docs: {
    promise:
      "No value of the column matches any of some regular expressions of Postgres's, anywhere in the text.",
    empty: 'An empty batch passes.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_not_match_regex_list',
  },
  properties: { regex_list: patternsProperty('regular expressions') },
  required: ['regex_list'],
  breaks: ({ regex_list }, column) =>
    matching(
      regex_list.map((regex) => matches(column, regex)),
      'any',
    ),
  describe: ({ column, regex_list, mostly }) =>
    `${column} not matching ${patternWords(regex_list, 'any')}${mostlyWords(mostly)}`,
  broken: 'matching',
  examples: [
    {
      title: 'any of two breaks it',
      columns: { code: 'text' },
      rows: [['12'], ['%'], ['ab'], [null]],
      kwargs: { column: 'code', regex_list: ['^\\d', '%'] },
      success: false,
      result: { element_count: 4, missing_count: 1, unexpected_count: 2 },
    },
  ],
});
