import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

/**
 * Columns that say when a row was made, not what it says. They are left out when a candidate row is compared with the
 * published one, as otherwise every replay would rewrite every row.
 */
const madeAt: readonly string[] = ['transformed_at', 'last_updated'];

/** `alias.a, alias.b`. */
export function columnsOf(alias: string, columns: readonly string[]): RawBuilder<unknown> {
  return sql.join(columns.map((column) => sql.ref(`${alias}.${column}`)));
}

/** `(alias.a, alias.b)`. */
export function rowOf(alias: string, columns: readonly string[]): RawBuilder<unknown> {
  return sql`row(${columnsOf(alias, columns)})`;
}

/** `left.a = right.a and left.b = right.b`. */
export function sameKey(left: string, right: string, key: readonly string[]): RawBuilder<unknown> {
  const pairs = key.map((column) => sql`${sql.ref(`${left}.${column}`)} = ${sql.ref(`${right}.${column}`)}`);
  return sql.join(pairs, sql` and `);
}

/** True where the two rows differ in a column that counts; the key is equal already. */
export function differs(
  left: string,
  right: string,
  columns: readonly string[],
  key: readonly string[],
): RawBuilder<boolean> {
  const counting = columns.filter((column) => !madeAt.includes(column) && !key.includes(column));
  if (counting.length === 0) return sql<boolean>`false`;
  return sql<boolean>`${rowOf(left, counting)} is distinct from ${rowOf(right, counting)}`;
}

/** What makes one version of a row later than another, the strongest first. */
export const version = ['_revision', '_load', '_position'] as const;
