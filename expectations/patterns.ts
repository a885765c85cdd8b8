import { sql } from 'kysely';
import type { ColumnKwargs } from './column-map.ts';
import { grouped } from './measured.ts';
import type { JsonSchema } from './json-schema.ts';
import type { Column, Sql } from './scan.ts';

/** Arguments of a promise about patterns of LIKE. */
export interface LikeKwargs extends ColumnKwargs {
  readonly like_pattern: string;
  readonly escape?: string | null;
}

/** Arguments of a promise about several patterns of LIKE. */
export interface LikeListKwargs extends ColumnKwargs {
  readonly like_pattern_list: readonly string[];
  readonly match_on?: MatchOn | null;
  readonly escape?: string | null;
}

/** Arguments of a promise about several regular expressions. */
export interface RegexListKwargs extends ColumnKwargs {
  readonly regex_list: readonly string[];
  readonly match_on?: MatchOn | null;
}

/** Whether a value has to match any or all of several patterns. */
export type MatchOn = 'any' | 'all';

/** JSON Schema of `match_on`. */
export const matchOnProperty: JsonSchema = {
  type: 'string',
  enum: ['any', 'all'],
  description: 'Whether a value has to match any (default) or all of the patterns.',
};

/** JSON Schema of `escape`. */
export const escapeProperty: JsonSchema = {
  type: ['string', 'null'],
  minLength: 1,
  maxLength: 1,
  description: 'The character that makes % and _ plain; a backslash where nothing is said.',
};

/** JSON Schema of a list of patterns. */
export function patternsProperty(of: string): JsonSchema {
  return { type: 'array', items: { type: 'string' }, minItems: 1, description: `One or more ${of}.` };
}

/** True where a column is like a pattern. */
export function isLike(column: Column, pattern: string, escape: string | null | undefined): Sql {
  const like = sql`${column.sql} like ${pattern}::text`;
  return escape === null || escape === undefined ? like : sql`${like} escape ${escape}::text`;
}

/** True where a column matches a regular expression of Postgres's. */
export function matches(column: Column, regex: string): Sql {
  return sql`${column.sql} ~ ${regex}::text`;
}

/** True where any, or all, of some conditions are true. */
export function matching(conditions: readonly Sql[], matchOn: MatchOn | null | undefined): Sql {
  return sql`(${sql.join(conditions, matchOn === 'all' ? sql` and ` : sql` or `)})`;
}

/** Patterns in words: `any of 3 patterns`. */
export function patternWords(patterns: readonly string[], matchOn: MatchOn | null | undefined): string {
  const count = `${grouped(patterns.length)} ${patterns.length === 1 ? 'pattern' : 'patterns'}`;
  return `${matchOn === 'all' ? 'all' : 'any'} of ${count}`;
}
