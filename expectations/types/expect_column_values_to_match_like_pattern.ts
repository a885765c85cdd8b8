import { sql } from 'kysely';
import { defineColumnMap, mostlyWords } from '../column-map.ts';
import { escapeProperty, isLike } from '../patterns.ts';
import type { LikeKwargs } from '../patterns.ts';
import { shown } from '../measured.ts';

/** Every value of a text column is like a pattern. */
export default defineColumnMap<LikeKwargs>({
  type: 'expect_column_values_to_match_like_pattern',
  docs: {
    promise: 'Every value of the column, as a whole, is like a pattern: % is any text, _ any character.',
    empty: 'An empty batch passes.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_match_like_pattern',
  },
  properties: { like_pattern: { type: 'string', description: 'A pattern of LIKE.' }, escape: escapeProperty },
  required: ['like_pattern'],
  breaks: ({ like_pattern, escape }, column) => sql`not (${isLike(column, like_pattern, escape)})`,
  describe: ({ column, like_pattern, mostly }) =>
    `${column} like ${shown(like_pattern)}${mostlyWords(mostly)}`,
  broken: 'not like it',
  examples: [
    {
      title: 'another prefix',
      columns: { store_id: 'text' },
      rows: [['S1'], ['T1'], [null]],
      kwargs: { column: 'store_id', like_pattern: 'S%' },
      success: false,
      result: { element_count: 3, missing_count: 1, unexpected_count: 1, partial_unexpected_list: ['T1'] },
    },
    {
      title: 'a plain percent sign',
      columns: { note: 'text' },
      rows: [['100%'], ['100 items']],
      kwargs: { column: 'note', like_pattern: '100!%', escape: '!', mostly: 0.5 },
      success: true,
      result: { unexpected_count: 1, partial_unexpected_list: ['100 items'] },
    },
  ],
});
