import { sql } from 'kysely';
import type { Database } from '../../../activities/databases.ts';

/** Makes the deltas of the two staging models read what is newer by the clock than what was published. */
export async function readByLoadedAt(admin: Database): Promise<void> {
  for (const [source, model] of [
    ['raw_transactions', 'stg_transactions'],
    ['raw_pos_events', 'stg_pos_events'],
  ] as const) {
    const { rows } = await sql<{ name: string }>`
      select attname as name from pg_attribute
      where attrelid = ${`delta.${source}`}::regclass and attnum > 0 order by attnum`.execute(admin);
    const columns = sql.join(rows.map(({ name }) => sql.ref(`t.${name}`)));
    const mode = sql`nullif(current_setting(${sql.lit(`weir.${source}.mode`)}, true), '')`; // oxlint-disable-line no-restricted-properties -- A view's text takes no bound values.
    await sql`
      create or replace view ${sql.table(`delta.${source}`)} as
      select ${columns} from ${sql.table(`bronze.${source}`)} as t
      where (${mode} is null
          or t.loaded_at > coalesce((select max(loaded_at) from ${sql.table(`silver.${model}`)}), '-infinity'))
        and not exists (select from control.retraction as r
          where r.source = ${sql.lit(source)} and r.file = t._source and r.revision = t._revision)`.execute(
      admin,
    ); // oxlint-disable-line no-restricted-properties -- As above.
  }
}
