import { defineColumnMap, mostlyWords } from '../column-map.ts';
import { escapeProperty, isLike, matching, patternsProperty, patternWords } from '../patterns.ts';
import type { LikeListKwargs } from '../patterns.ts';

/** No value of a text column is like any of some patterns. */
export default defineColumnMap<LikeListKwargs>({
  type: 'expect_column_values_to_not_match_like_pattern_list',
  docs: {
    promise:
      'No value of the column, as a whole, is like any of some patterns: % is any text, _ any character.',
    empty: 'An empty batch passes.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_not_match_like_pattern_list',
  },
  properties: { like_pattern_list: patternsProperty('patterns of LIKE'), escape: escapeProperty },
  required: ['like_pattern_list'],
  breaks: ({ like_pattern_list: patterns, escape }, column) =>
    matching(
      patterns.map((pattern) => isLike(column, pattern, escape)),
      'any',
    ),
  describe: ({ column, like_pattern_list, mostly }) =>
    `${column} not like ${patternWords(like_pattern_list, 'any')}${mostlyWords(mostly)}`,
  broken: 'like one of them',
  examples: [
    {
      title: 'two forbidden prefixes',
      columns: { customer_id: 'text' },
      rows: [['test1'], ['demo1'], ['C1'], [null]],
      kwargs: { column: 'customer_id', like_pattern_list: ['test%', 'demo%'] },
      success: false,
      result: { element_count: 4, missing_count: 1, unexpected_count: 2 },
    },
    {
      title: 'a pattern is the whole text',
      columns: { customer_id: 'text' },
      rows: [['C1']],
      kwargs: { column: 'customer_id', like_pattern_list: ['C', '1'] },
      success: true,
      result: { unexpected_count: 0 },
    },
  ],
});
