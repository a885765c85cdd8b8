import { sql } from 'kysely';
import type { Column } from '../models/relation-name.ts';
import type { DatabaseTransaction } from './databases.ts';

/** The columns of a relation in their order; none where there is no such relation. */
export async function readColumns(
  trx: DatabaseTransaction,
  schema: string,
  name: string,
): Promise<readonly Column[]> {
  const { rows } = await sql<Column>`
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type
    from pg_catalog.pg_attribute as a
    where a.attrelid = to_regclass(format('%I.%I', ${schema}::text, ${name}::text)) and a.attnum > 0 and not a.attisdropped
    order by a.attnum`.execute(trx);
  return rows;
}
