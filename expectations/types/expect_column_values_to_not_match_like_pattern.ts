import { defineColumnMap, mostlyWords } from '../column-map.ts';
import { escapeProperty, isLike } from '../patterns.ts';
import type { LikeKwargs } from '../patterns.ts';
import { shown } from '../measured.ts';

/** No value of a text column is like a pattern. */
export default defineColumnMap<LikeKwargs>({
  type: 'expect_column_values_to_not_match_like_pattern',
  docs: {
    promise: 'No value of the column, as a whole, is like a pattern: % is any text, _ any character.',
    empty: 'An empty batch passes.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_not_match_like_pattern',
  },
  properties: { like_pattern: { type: 'string', description: 'A pattern of LIKE.' }, escape: escapeProperty },
  required: ['like_pattern'],
  breaks: ({ like_pattern, escape }, column) => isLike(column, like_pattern, escape),
  describe: ({ column, like_pattern, mostly }) =>
    `${column} not like ${shown(like_pattern)}${mostlyWords(mostly)}`,
  broken: 'like it',
  examples: [
    {
      title: 'a test customer',
      columns: { customer_id: 'text' },
      rows: [['test_1'], ['C1'], [null]],
      kwargs: { column: 'customer_id', like_pattern: 'test%' },
      success: false,
      result: {
        element_count: 3,
        missing_count: 1,
        unexpected_count: 1,
        partial_unexpected_list: ['test_1'],
      },
    },
    {
      title: 'a backslash makes an underscore plain',
      columns: { customer_id: 'text' },
      rows: [['a1b'], ['a_b']],
      kwargs: { column: 'customer_id', like_pattern: 'a\\_b' },
      success: false,
      result: { unexpected_count: 1, partial_unexpected_list: ['a_b'] },
    },
  ],
});
