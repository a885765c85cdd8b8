import { sql } from 'kysely';
import { isNumberText } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';
import { grouped } from './measured.ts';
import { CannotEvaluate } from './scan.ts';
import type { Column, Sql } from './scan.ts';

/** A value of a set, as a suite writes it. */
export type Member = string | number | boolean | null;

/** Arguments of a promise about the values of one column and a set. */
export interface ValueSetKwargs {
  readonly column: string;
  readonly value_set: readonly Member[];
}

/** JSON Schema of `value_set`. */
export const valueSetProperty: JsonSchema = {
  type: 'array',
  items: { type: ['string', 'number', 'boolean', 'null'] },
  description: 'The values, all of one type.',
};

/** A column and the values of a set, of one type. */
export interface Comparable {
  /** The column. */
  readonly value: Sql;
  /** The values without NULL, in their order: one bound array. */
  readonly array: Sql;
}

/**
 * A column beside the members of a set. They are one bound array beside which nothing is computed a row, and both
 * sides have one type: then Postgres hashes the array (from 9 members on) instead of walking it for every row.
 *
 * @throws CannotEvaluate where column and members do not compare
 * @see https://git.postgresql.org/gitweb/?p=postgresql.git;a=commit;h=29f45e299 for `<> all`, PostgreSQL 15
 */
export function comparable(column: Column, members: readonly Member[]): Comparable {
  const present = members.filter((member) => member !== null);
  const { category, sql: value } = column;
  const numbers = category === 'whole' || category === 'number';
  const kinds = new Set(present.map((member) => kindOf(member, numbers)));
  if (kinds.size > 1)
    throw new CannotEvaluate(`the values of the set are of several types: ${[...kinds].join(', ')}`);
  const [kind = 'string'] = kinds;
  const array = present.map(String);
  if (kind === 'number' && category === 'whole' && array.every((text) => /^-?\d{1,18}$/.test(text)))
    return { value: sql`${value}::bigint`, array: sql`${array}::bigint[]` };
  if (numbers && (kind === 'number' || present.length === 0))
    return { value: sql`${value}::numeric`, array: sql`${array}::numeric[]` };
  if (category === 'boolean' && kind !== 'number') return { value, array: sql`${array}::boolean[]` };
  if (kind === 'string') {
    if (category === 'text' || category === 'other')
      return { value: sql`${value}::text`, array: sql`${array}::text[]` };
    if (category === 'uuid') return { value, array: sql`${array}::uuid[]` };
    if (category === 'time')
      return { value: sql`${value}::timestamptz`, array: sql`${array}::timestamptz[]` };
  }
  throw new CannotEvaluate(`column ${column.name} is ${column.type} and the set has ${kind}s`);
}

/** Text of digits is a number beside a column of numbers: JSON has no room for all digits of a bigint. */
function kindOf(member: Exclude<Member, null>, numbers: boolean): string {
  return numbers && typeof member === 'string' && isNumberText(member) ? 'number' : typeof member;
}

/** A set in words: `3 known values`. */
export function setWords(members: readonly Member[]): string {
  return countWords(members.length);
}

/** So many known values, in words. */
export function countWords(count: number): string {
  return `${grouped(count)} known ${count === 1 ? 'value' : 'values'}`;
}
