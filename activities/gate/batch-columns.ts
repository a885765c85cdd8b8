import { sql } from 'kysely';
import type { CatalogueColumn, Category } from '../../expectations/scan.ts';
import type { DatabaseTransaction } from '../databases.ts';

const CATEGORIES: Readonly<Record<string, Category>> = {
  int2: 'whole',
  int4: 'whole',
  int8: 'whole',
  numeric: 'number',
  float4: 'number',
  float8: 'number',
  text: 'text',
  varchar: 'text',
  bpchar: 'text',
  date: 'time',
  timestamp: 'time',
  timestamptz: 'time',
  bool: 'boolean',
  uuid: 'uuid',
};

interface CatalogueRow {
  readonly name: string;
  readonly type: string;
  readonly base: string;
}

/** The columns of a relation as the catalogue has them, by name; none when there is no such relation. */
export async function readBatchColumns(
  trx: DatabaseTransaction,
  relation: { readonly schema: string; readonly table: string },
): Promise<ReadonlyMap<string, CatalogueColumn>> {
  const { rows } = await sql<CatalogueRow>`
    select a.attname as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type, t.typname as base
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_class c on c.oid = a.attrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_type t on t.oid = pg_catalog.pg_basetype(a.atttypid)
    where n.nspname = ${relation.schema} and c.relname = ${relation.table} and a.attnum > 0 and not a.attisdropped
    order by a.attnum`.execute(trx);
  return new Map(
    rows.map(({ name, type, base }) => [name, { name, type, category: CATEGORIES[base] ?? 'other' }]),
  );
}
