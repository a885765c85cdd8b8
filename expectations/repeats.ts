import { sql } from 'kysely';
import type { Measure } from './define-expectation.ts';
import type { Column, Scan, Sql } from './scan.ts';

/**
 * Rows whose `columns`, all present, occur more than once: a query beside the one scan.
 *
 * Their keys (see {@link keyOf}) are sorted, as eight bytes each; that there are as many as different ones proves that
 * nothing repeats. Only where some key occurs twice are the rows of those keys grouped by the values themselves, so the
 * number is exact whatever collides.
 *
 * @param asked true only for rows in which all of the columns are present.
 */
export function countRepeated(scan: Scan, columns: readonly Column[], asked: Sql): Measure {
  const list = listOf(columns);
  const key = keyOf(columns);
  const group = (rows: Sql): Sql =>
    sql`(select coalesce(sum(n), 0)::bigint from (select count(*) as n from ${scan.batch} where ${rows} group by ${list} having count(*) > 1) as repeated)`;
  if (key === null) return { beside: group(scan.where(asked)) };
  // Without OFFSET the planner would merge the query below, and sort whole rows.
  const keyed = sql`(select ${key} as k from ${scan.batch} where ${scan.where(asked)} offset 0) as keyed`;
  const again = group(sql`${scan.where(asked)} and ${key} in ${repeatedKeys(scan, key, asked)}`);
  return {
    beside: sql`(select case when count(k) = count(distinct k) then 0 else ${again} end from ${keyed})`,
  };
}

/** True for rows in which all of `columns` are present. */
export function allPresent(columns: readonly Column[]): Sql {
  return sql.join(
    columns.map((column) => sql`${column.sql} is not null`),
    sql` and `,
  );
}

/** True for rows whose `columns` occur more than once. @param asked as for {@link countRepeated} */
export function isRepeated(scan: Scan, columns: readonly Column[], asked: Sql): Sql {
  const list = listOf(columns);
  const key = keyOf(columns);
  const rows = scan.where(asked);
  const narrowed = key === null ? rows : sql`${rows} and ${key} in ${repeatedKeys(scan, key, asked)}`;
  return sql`(${list}) in (select ${list} from ${scan.batch} where ${narrowed} group by ${list} having count(*) > 1)`;
}

/** Sorted first, as a hash of so many groups takes twice the time; ORDER BY below OFFSET keeps the planner to it. */
function repeatedKeys(scan: Scan, key: Sql, asked: Sql): Sql {
  const sorted = sql`select ${key} as k from ${scan.batch} where ${scan.where(asked)} order by 1 offset 0`;
  return sql`(select k from (${sorted}) as keyed group by k having count(*) > 1)`;
}

function listOf(columns: readonly Column[]): Sql {
  return sql.join(columns.map((column) => column.sql));
}

/**
 * A value of at most eight bytes that is equal where the columns are equal, and hardly ever else: Postgres sorts and
 * compares it without a call for each pair. Null where a column's type has none.
 */
function keyOf(columns: readonly Column[]): Sql | null {
  const [first, ...more] = columns;
  if (first === undefined) return null;
  if (more.length === 0 && (first.category === 'time' || first.category === 'boolean')) return first.sql;
  if (more.length === 0 && first.category === 'whole') return sql`${first.sql}::bigint`;
  return columns.reduce<Sql | null>((seed, column) => (seed === null ? null : hashOf(column, seed)), sql`0`);
}

/** The hash that Postgres itself groups by: equal values have equal ones, `1.0` and `1.00` among them. */
function hashOf({ category, type, sql: value }: Column, seed: Sql): Sql | null {
  switch (category) {
    case 'text':
      return sql`hashtextextended(${value}::text, ${seed})`;
    case 'whole':
      return sql`hashint8extended(${value}::bigint, ${seed})`;
    case 'number':
      return type === 'real' || type === 'double precision'
        ? sql`hashfloat8extended(${value}::double precision, ${seed})`
        : sql`hash_numeric_extended(${value}::numeric, ${seed})`;
    case 'uuid':
      return sql`uuid_hash_extended(${value}, ${seed})`;
    case 'time':
    case 'boolean':
      return sql`hashtextextended(${value}::text, ${seed})`;
    case 'other':
      return null;
  }
}
