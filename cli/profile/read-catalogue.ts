import { sql } from 'kysely';
import type { DatabaseTransaction } from '../../activities/databases.ts';
import type { Batch } from '../../expectations/compile.ts';
import type { ForeignKey, Key } from './profile.ts';

/** What the catalogue says about a relation. */
export interface Catalogued {
  /** Whether Postgres can sample it: views and foreign tables it cannot. */
  readonly canSample: boolean;
  readonly notNull: ReadonlySet<string>;
  readonly keys: readonly Key[];
  readonly foreignKeys: readonly ForeignKey[];
}

/** Reads what constraints and indexes say of a relation, as far as it holds for every row that a query of it reads. */
export async function readCatalogue(
  trx: DatabaseTransaction,
  [schema, name]: Batch['relation'],
): Promise<Catalogued> {
  const { rows } = await sql<{
    readonly kind: string;
    readonly notNull: readonly string[];
    readonly keys: readonly Key[];
    readonly foreignKeys: readonly ForeignKey[];
  }>`
    select c.relkind::text as kind,
      to_jsonb(array(select a.attname from pg_catalog.pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attnotnull
        order by a.attnum)) as "notNull",
      (select coalesce(jsonb_agg(k.key order by k.oid), '[]') from (${uniqueIndexes}) as k) as keys,
      (select coalesce(jsonb_agg(f.key order by f.oid), '[]') from (${foreignKeys}) as f) as "foreignKeys"
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relname = ${name}`.execute(trx);
  const [row] = rows;
  if (row === undefined) return { canSample: false, notNull: new Set(), keys: [], foreignKeys: [] };
  return { ...row, canSample: ['r', 'p', 'm'].includes(row.kind), notNull: new Set(row.notNull) };
}

/** An index is no promise while it is built or deferred, of a part of the rows, of another collation, or of a parent alone. */
const uniqueIndexes = sql`
  select i.indexrelid as oid, jsonb_build_object('index', ic.relname, 'columns', (
    select jsonb_agg(a.attname order by k.place)
    from unnest(i.indkey::smallint[]) with ordinality as k(number, place)
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
    where k.place <= i.indnkeyatts
  )) as key
  from pg_catalog.pg_index i
  join pg_catalog.pg_class ic on ic.oid = i.indexrelid
  where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indimmediate
    and i.indpred is null and i.indexprs is null
    and (c.relkind = 'p' or not exists (select from pg_catalog.pg_inherits h where h.inhparent = c.oid))
    and not exists (
      select from unnest(i.indkey::smallint[], i.indcollation::oid[]) with ordinality as k(number, collated, place)
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
      where k.place <= i.indnkeyatts and a.attcollation <> k.collated
    )`;

const foreignKeys = sql`
  select f.oid, jsonb_build_object(
    'name', f.conname,
    'columns', (select jsonb_agg(a.attname order by k.place)
      from unnest(f.conkey) with ordinality as k(number, place)
      join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.number),
    'target', jsonb_build_array(tn.nspname, t.relname),
    'targetColumns', (select jsonb_agg(a.attname order by k.place)
      from unnest(f.confkey) with ordinality as k(number, place)
      join pg_catalog.pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.number)
  ) as key
  from pg_catalog.pg_constraint f
  join pg_catalog.pg_class t on t.oid = f.confrelid
  join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
  where f.conrelid = c.oid and f.contype = 'f' and f.convalidated and f.conparentid = 0
    and has_schema_privilege(tn.oid, 'USAGE') and has_table_privilege(t.oid, 'SELECT')`;
