import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

/** As a gate asks it: on the login that may only read, in a read-only transaction, as part of another SELECT. */
function ask(query: string): Promise<unknown> {
  return database.databases.validator
    .transaction()
    .setAccessMode('read only')
    .execute((trx) => sql`select count(*) from (${sql.raw(query)}) as q`.execute(trx));
}

describe('what the login of the gates may not do, whatever the text got past', () => {
  test.each([
    ...['weir_loader', 'weir_publisher', 'weir_migrator', 'postgres'].map(
      (role) => `select set_config('role', '${role}', false)`,
    ),
    "select set_config('session_authorization', 'weir_loader', false)",
    "select set_config('transaction_read_only', 'off', false)",
    'with gone as (delete from gold.dim_stores returning 1) select * from gone',
    'select * from gold.dim_stores for update',
    "select nextval('control.load_load_id_seq')",
    'select * from control.verdict',
    'select * from pg_catalog.pg_authid',
    "select pg_read_file('/etc/passwd')",
    "select lo_import('/etc/passwd')",
    "select query_to_xml('delete from gold.dim_stores', true, true, '')",
    'select pg_reload_conf()',
  ])('%s', async (query) => {
    await expect(ask(query)).rejects.toThrow(
      /permission denied|read-only|read-write mode must|WITH clause|does not exist|not allowed|cannot be/i,
    );
    const { rows } = await sql<{ who: string }>`select current_user as who`.execute(
      database.databases.validator,
    );
    expect(rows).toEqual([{ who: 'weir_validator' }]);
  });
});
