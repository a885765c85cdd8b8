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
  // As a numeric, a double keeps 15 digits of 17.
  if (column.type === 'double precision' && (kind === 'number' || present.length === 0))
    return { value, array: sql`${array}::double precision[]` };
  if (numbers && (kind === 'number' || present.length === 0))
    return { value: sql`${value}::numeric`, array: sql`${array}::numeric[]` };
  if (category === 'boolean' && kind !== 'number') return { value, array: sql`${array}::boolean[]` };
  if (kind === 'string') {
    if (category === 'text') return { value: sql`${value}::text`, array: sql`${array}::text[]` };
    if (category === 'other') return ofOtherType(column, array);
    if (category === 'uuid') return { value, array: sql`${array}::uuid[]` };
    // A time among days is the day it lies on.
    if (category === 'time' && column.type === 'date') return { value, array: sql`${array}::date[]` };
    if (category === 'time')
      return { value: sql`${value}::timestamptz`, array: sql`${array}::timestamptz[]` };
  }
  throw new CannotEvaluate(`column ${column.name} is ${column.type} and the set has ${kind}s`);
}

/** Types that write one value in several ways: a day is 24 hours. Of the others the text is compared. */
function ofOtherType({ name, type, sql: value }: Column, array: readonly string[]): Comparable {
  const plain = type.replace(/\(\d+\)/, '');
  if (plain === 'interval') return { value, array: sql`${array}::interval[]` };
  if (plain === 'time without time zone') return { value, array: sql`${array}::time[]` };
  if (plain === 'time with time zone') return { value, array: sql`${array}::timetz[]` };
  if (plain === 'jsonb') return { value, array: sql`${array}::jsonb[]` };
  if (plain === 'json')
    throw new CannotEvaluate(`column ${name} is json, which does not compare; jsonb does`);
  if (plain === 'bytea') return { value, array: sql`${array}::bytea[]` };
  return { value: sql`${value}::text`, array: sql`${array}::text[]` };
}

/** Types whose text is read before it is compared; text that does not read as one is no such value. */
const READ_AS: Readonly<Partial<Record<Column['category'], string>>> = {
  time: 'timestamptz',
  uuid: 'uuid',
  boolean: 'boolean',
};

/** True for a value of the column that is a member. Unlike {@link comparable}, a member of another type is just not it. */
export function isMember(column: Column, members: readonly Member[]): Sql {
  const { category, sql: value } = column;
  const numbers = category === 'whole' || category === 'number';
  const wanted = numbers ? 'number' : 'string';
  const alike = members.filter(
    (member) =>
      member !== null &&
      (kindOf(member, numbers) === wanted || (category === 'boolean' && typeof member === 'boolean')),
  );
  const type = READ_AS[category];
  if (type === undefined && category !== 'other') {
    const sides = comparable(column, alike);
    return sql`${sides.value} = any(${sides.array})`;
  }
  const texts = alike.map(String);
  if (type === undefined) return sql`${value}::text = any(${texts}::text[])`;
  const read = sql`select case when pg_input_is_valid(member, ${type}) then member end from unnest(${texts}::text[]) as member`;
  const array = sql`array(${read})`;
  if (column.type === 'date') return sql`coalesce(${value} = any(${array}::date[]), false)`;
  if (category === 'time') return sql`coalesce(${value}::timestamptz = any(${array}::timestamptz[]), false)`;
  return category === 'uuid'
    ? sql`coalesce(${value} = any(${array}::uuid[]), false)`
    : sql`coalesce(${value} = any(${array}::boolean[]), false)`;
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
