import { sql } from 'kysely';
import { qualified } from '../../models/relation-name.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { define } from './statement.ts';

/**
 * By default a table is vacuumed when a fifth of it is new or dead, and analysed when a tenth has changed. Of ten million
 * rows that is a day and more of loads, during which index-only scans visit the table for every row of the last hours
 * and the planner takes the newest day, which every load joins, for nearly empty. With a fiftieth and a twentieth it
 * comes after a load or two; it costs in proportion to what changed, because pages that were seen are skipped.
 *
 * @see https://www.postgresql.org/docs/18/routine-vacuuming.html#AUTOVACUUM
 */
const settings: Readonly<Record<string, string>> = {
  autovacuum_vacuum_insert_scale_factor: '0.02',
  autovacuum_vacuum_scale_factor: '0.05',
  autovacuum_analyze_scale_factor: '0.02',
};

/** Lets autovacuum come sooner to a table. What an administrator has set of it stays; partitions have their own. */
export async function tuneAutovacuum(trx: DatabaseTransaction, schema: string, name: string): Promise<void> {
  const { rows } = await sql<{ option: string }>`
    select split_part(option, '=', 1) as option from pg_catalog.pg_class as c
    cross join lateral unnest(coalesce(c.reloptions, '{}') || case c.relkind when 'p' then ${Object.keys(settings)}::text[] else '{}' end) as option
    where c.oid = to_regclass(format('%I.%I', ${schema}::text, ${name}::text))`.execute(trx);
  const there = new Set(rows.map(({ option }) => option));
  const missing = Object.entries(settings).filter(([option]) => !there.has(option));
  if (missing.length === 0) return;
  const list = missing.map(([option, value]) => `${option} = ${value}`).join(', ');
  await define(trx, `alter table ${qualified(schema, name)} set (${list})`);
}
