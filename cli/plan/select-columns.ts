import pg from 'pg';
import type { Column } from '../../models/relation-name.ts';

/** What a SELECT makes, or why Postgres cannot say. */
export type SelectColumns = { readonly columns: readonly Column[] } | { readonly refused: string };

/**
 * The columns of SELECTs as Postgres understands them now, by the name of each, without reading a row or making anything.
 *
 * It takes pg itself: kysely does not hand on what the server says of columns.
 *
 * @param url of a login that may read what they read.
 */
export async function describeSelects(
  url: string,
  selects: readonly { readonly name: string; readonly sql: string }[],
): Promise<ReadonlyMap<string, SelectColumns>> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'weir plan',
    options: '-c TimeZone=UTC',
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query("begin read only; set local search_path = 'as_of', 'pg_catalog'");
    const described = new Map<string, SelectColumns>();
    for (const { name, sql } of selects) described.set(name, await describe(client, sql));
    return described;
  } finally {
    await client.end();
  }
}

async function describe(client: pg.Client, sql: string): Promise<SelectColumns> {
  await client.query('savepoint described');
  try {
    const { fields } = await client.query(`select * from (\n${sql}\n) as described limit 0`);
    const { rows } = await client.query<Column>(
      `select name, pg_catalog.format_type(type::oid, modifier) as type
      from unnest($1::text[], $2::bigint[], $3::int[]) with ordinality as f (name, type, modifier, place) order by place`,
      [
        fields.map(({ name }) => name),
        fields.map(({ dataTypeID }) => dataTypeID),
        fields.map(({ dataTypeModifier }) => dataTypeModifier),
      ],
    );
    return { columns: rows };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    await client.query('rollback to savepoint described');
    return { refused: error.message };
  }
}
