import { sql } from 'kysely';
import type { Database } from './databases.ts';
import type { Extracted } from './extract/reader.ts';

/** Notes that a source was read, and whether it brought something: rows, or files that were taken back. */
export async function noteRead(
  loader: Database,
  source: string,
  { rows, retractedFiles }: Extracted,
): Promise<void> {
  const brought = rows + retractedFiles > 0;
  await sql`
    insert into control.source_read as r (source, read_at, brought_at)
    select ${source}, clock.now, case when ${brought} then clock.now end
    from (select pg_catalog.clock_timestamp() as now) as clock
    on conflict (source) do update set read_at = greatest(r.read_at, excluded.read_at),
      brought_at = greatest(r.brought_at, excluded.brought_at)`.execute(loader);
}
