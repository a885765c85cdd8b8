import { sql } from 'kysely';
import { defineColumnMap, mostlyWords } from '../column-map.ts';
import {
  escapeProperty,
  isLike,
  matching,
  matchOnProperty,
  patternsProperty,
  patternWords,
} from '../patterns.ts';
import type { LikeListKwargs } from '../patterns.ts';

/** Every value of a text column is like any, or all, of some patterns. */
export default defineColumnMap<LikeListKwargs>({
  type: 'expect_column_values_to_match_like_pattern_list',
  docs: {
    promise:
      'Every value of the column, as a whole, is like any (or all) of some patterns: % is any text, _ any character.',
    empty: 'An empty batch passes.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_match_like_pattern_list',
  },
  properties: {
    like_pattern_list: patternsProperty('patterns of LIKE'),
    match_on: matchOnProperty,
    escape: escapeProperty,
  },
  required: ['like_pattern_list'],
  breaks: ({ like_pattern_list: patterns, match_on, escape }, column) =>
    sql`not ${matching(
      patterns.map((pattern) => isLike(column, pattern, escape)),
      match_on,
    )}`,
  describe: ({ column, like_pattern_list, match_on, mostly }) =>
    `${column} like ${patternWords(like_pattern_list, match_on)}${mostlyWords(mostly)}`,
  broken: 'not like them',
  examples: [
    {
      title: 'any of two prefixes',
      columns: { store_id: 'text' },
      rows: [['S1'], ['T1'], ['U1'], [null]],
      kwargs: { column: 'store_id', like_pattern_list: ['S%', 'T%'] },
      success: false,
      result: { element_count: 4, missing_count: 1, unexpected_count: 1, partial_unexpected_list: ['U1'] },
    },
    {
      title: 'all of two',
      columns: { store_id: 'text' },
      rows: [['S1'], ['S2']],
      kwargs: { column: 'store_id', like_pattern_list: ['S%', '%1'], match_on: 'all', mostly: 0.5 },
      success: true,
      result: { unexpected_count: 1, partial_unexpected_list: ['S2'] },
    },
  ],
});
