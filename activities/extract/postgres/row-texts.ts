import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { DatabaseTransaction } from '../../databases.ts';

/** Rows that travel at once: FETCH takes no bound number. */
const rowsAtOnce = 5000;
const fetchRows = sql<{ text: string }>`fetch 5000 from weir_rows`;

/** A row as one text: a JSON array of the texts of its values, the same wherever it is asked. */
export function rowText(alias: string, columns: readonly string[]): RawBuilder<string> {
  return sql<string>`jsonb_build_array(${sql.join(columns.map((name) => sql`${sql.ref(`${alias}.${name}`)}::text`))})::text`;
}

/** Reads the only column, `text`, of a query a few thousand rows at a time, so that no table has to fit into memory. */
export async function* fetchTexts(
  there: DatabaseTransaction,
  query: RawBuilder<{ readonly text: string }>,
): AsyncIterable<readonly string[]> {
  await sql`declare weir_rows no scroll cursor for ${query}`.execute(there);
  for (;;) {
    const { rows } = await fetchRows.execute(there);
    if (rows.length > 0) yield rows.map(({ text }) => text);
    if (rows.length < rowsAtOnce) break;
  }
  await sql`close weir_rows`.execute(there);
}
