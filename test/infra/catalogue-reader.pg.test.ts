import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../activities/databases.ts';
import { loginUrl } from '../../infra/local/logins.ts';
import { openDatabase } from '../../workers/databases.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';

let database: FreshDatabase;
let reader: Database;
beforeAll(async () => {
  database = await freshDatabase();
  reader = openDatabase(loginUrl(database.adminUrl, 'weir_catalogue_reader'), 'test catalogue', 1);
});
afterAll(async () => {
  await reader.destroy();
  await database.drop();
});

/** Books that hold values of rows, or what is made of them, and some that no page needs. */
const REFUSED: readonly string[] = [
  'gate_result', // full results
  'quarantine', // records: all but those
  'batch_quarantine',
  'source_seen', // hashes of keys and records
  'watch_page', // whole pages
  'empty_minute',
];

async function relations(schemas: readonly string[]): Promise<readonly { schema: string; name: string }[]> {
  const { rows } = await sql<{ schema: string; name: string }>`
    select n.nspname::text as schema, c.relname::text as name from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = any (${[...schemas]}::text[]) and c.relkind in ('r', 'p', 'v', 'm', 'f')
    order by 1, 2`.execute(database.admin);
  return rows;
}

const read = (schema: string, name: string) =>
  sql`select * from ${sql.id(schema, name)} limit 1`.execute(reader);

test('the catalogue reads every book but those with rows in them', async () => {
  const books = await relations(['control']);
  expect(books.length).toBeGreaterThan(40);
  for (const { schema, name } of books) {
    if (REFUSED.includes(name)) await expect(read(schema, name), name).rejects.toThrow('permission denied');
    else await expect(read(schema, name), name).resolves.toBeDefined();
  }
});

test('of what was set aside everything but the record', async () => {
  const columns = async (table: string) => {
    const { rows } = await sql<{ name: string; may: boolean }>`
      select attname::text as name, has_column_privilege('weir_catalogue_reader', attrelid, attnum, 'select') as may
      from pg_attribute where attrelid = ${`control.${table}`}::regclass and attnum > 0 and not attisdropped`.execute(
      database.admin,
    );
    return rows.filter(({ may }) => !may).map(({ name }) => name);
  };
  expect(await columns('quarantine')).toEqual(['record', 'record_bytes']);
  expect(await columns('batch_quarantine')).toEqual(['record']);
  await sql`select quarantine_id, reason, state from control.quarantine`.execute(reader);
  await sql`select batch_quarantine_id, reason, state from control.batch_quarantine`.execute(reader);
});

test('no relation with data, of whatever layer', async () => {
  const layers = [
    'bronze',
    'silver',
    'gold',
    'semantic',
    'delta',
    'touched',
    'changes',
    'candidate',
    'as_of',
  ];
  const found = await relations(layers);
  expect(new Set(found.map(({ schema }) => schema)).size).toBeGreaterThan(5);
  for (const { schema, name } of found)
    await expect(read(schema, name), `${schema}.${name}`).rejects.toThrow('permission denied');
});

test('and it writes nothing, also where its session is told to', async () => {
  for (const change of [
    sql`insert into control.promise_result (evaluation_id, promise_id, outcome, severity) values (1, 1, 'held', 'info')`,
    sql`delete from control.promise_result`,
    sql`update control.load set state = 'published'`,
    sql`create table control.mine (x int)`,
    sql`drop table control.promise`,
  ]) {
    const writing = reader.transaction().setAccessMode('read write');
    await expect(writing.execute((trx) => change.execute(trx))).rejects.toThrow(
      /permission denied|must be owner/,
    );
  }
});
