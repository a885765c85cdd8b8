import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { columnsOf, differs, sameKey } from './columns.ts';

/** Two relations of the same key. */
export interface Compared {
  readonly one: RawBuilder<unknown>;
  readonly other: RawBuilder<unknown>;
  readonly key: readonly string[];
  /** Columns that both have, the key among them. */
  readonly columns: readonly string[];
}

/** How two relations differ, in rows; `columns` has of each column, in the order given, how many rows differ in it. */
export interface ComparedRows {
  readonly one: number;
  readonly other: number;
  readonly onlyOne: number;
  readonly onlyOther: number;
  readonly differing: number;
  readonly columns: readonly number[];
}

/**
 * Compares two relations by key, in one pass: what only one has, and what both have and say differently. Columns that say
 * when a row was made do not count.
 */
export function compareRelations({ one, other, key, columns }: Compared): RawBuilder<ComparedRows> {
  const both = sql`one._here and other._here`;
  const each = columns.map(
    (column) => sql`count(*) filter (where ${both} and ${differs('one', 'other', [column], key)})`,
  );
  const of = (alias: string): RawBuilder<unknown> => columnsOf(alias, columns);
  return sql<ComparedRows>`
    select count(one._here) as one, count(other._here) as other,
      count(*) filter (where other._here is null) as "onlyOne",
      count(*) filter (where one._here is null) as "onlyOther",
      count(*) filter (where ${both} and ${differs('one', 'other', columns, key)}) as differing,
      array[${sql.join(each)}]::float8[] as columns
    from (select true as _here, ${of('r')} from ${one} as r) as one
    full join (select true as _here, ${of('r')} from ${other} as r) as other on ${sameKey('one', 'other', key)}`;
}
