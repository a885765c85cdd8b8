import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loginUrl, logins } from '../../infra/local/logins.ts';
import type { Login } from '../../infra/local/logins.ts';
import { migrate } from '../../infra/migrate.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

test('a fresh database has the layers and the control tables', async () => {
  const { rows } = await sql<{ name: string }>`
    select nspname as name from pg_namespace where nspname in ('bronze', 'silver', 'gold', 'semantic', 'control')`.execute(
    database.admin,
  );
  expect(rows.map(({ name }) => name).sort()).toEqual(['bronze', 'control', 'gold', 'semantic', 'silver']);
});

test('the shipped models have their tables, and readers see gold only', async () => {
  const url = loginUrl(database.adminUrl, 'weir_analytics_reader');
  const client = new pg.Client(url);
  await client.connect();
  const gold = await client.query('select count(*)::int as rows from gold.fct_daily_sales');
  await expect(client.query('select from silver.stg_transactions')).rejects.toThrow(/permission denied/);
  await client.end();
  expect(gold.rows).toEqual([{ rows: 0 }]);
});

test('migrating again changes nothing, and databases that migrate at once do not meet', async () => {
  const others = await Promise.all([1, 2, 3].map(() => freshDatabase({ migrated: false })));
  await Promise.all([database, ...others].map(({ adminUrl }) => migrate(adminUrl)));
  for (const { admin } of others) {
    const { rows } = await sql<{ name: string }>`select name from migration.applied order by name`.execute(
      admin,
    );
    expect(rows[0]?.name).toBe('001-control');
  }
  await Promise.all(others.map((other) => other.drop()));
});

test.each(Object.keys(logins) as Login[])('%s logs in with its derived password', async (login) => {
  const client = new pg.Client(loginUrl(database.adminUrl, login));
  await client.connect();
  const { rows } = await client.query('select session_user as name');
  await client.end();
  expect(rows).toEqual([{ name: login }]);
});

test('the validator may only read', async () => {
  await expect(sql`create table public.mine (x int)`.execute(database.databases.validator)).rejects.toThrow(
    /read-only/,
  );
});

test('a session is in UTC though server and process live elsewhere', async () => {
  const { rows } = await sql<{ zone: string; server: string }>`
    select current_setting('TimeZone') as zone, reset_val as server from pg_settings where name = 'log_timezone'`.execute(
    database.databases.loader,
  );
  expect(rows[0]?.zone).toBe('UTC');
  expect(Intl.DateTimeFormat().resolvedOptions().timeZone).toBe('America/New_York');
});
