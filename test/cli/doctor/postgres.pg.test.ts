import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Check, Finding, Surroundings } from '../../../cli/doctor/check.ts';
import { clock } from '../../../cli/doctor/clock.ts';
import { logins } from '../../../cli/doctor/logins.ts';
import { migrations } from '../../../cli/doctor/migrations.ts';
import { postgres } from '../../../cli/doctor/postgres.ts';
import { postgresSettings } from '../../../cli/doctor/postgres-settings.ts';
import { sources } from '../../../cli/doctor/sources.ts';
import { readRepository } from '../../../activities/repository.ts';
import type { LocalPostgres } from '../../../infra/local/postgres.ts';
import { createOperational } from '../../setup/weir.ts';
import { folders } from '../../activities/shop.ts';
import { freshDatabase, ownPostgres, type FreshDatabase } from '../../setup/database.ts';

/** Of its own: logins belong to a whole cluster, and here they are broken. */
let cluster: LocalPostgres;
let database: FreshDatabase;
let surroundings: Surroundings;
beforeAll(async () => {
  cluster = await ownPostgres();
  database = await freshDatabase({ clusterUrl: cluster.adminUrl });
  await createOperational(database);
  surroundings = {
    env: {},
    databaseUrl: database.adminUrl,
    database: database.admin,
    temporal: null,
    taskQueue: 'weir',
    repository: await readRepository(folders),
    refusals: [],
  };
}, 120_000);
afterAll(async () => {
  await database.drop();
  await cluster.stop();
});

async function look(check: Check, more: Partial<Surroundings> = {}): Promise<readonly Finding[]> {
  return await check.run({ ...surroundings, ...more });
}

/** Breaks something, looks, and mends it again. */
async function broken(check: Check, breaking: string, mending: string): Promise<readonly Finding[]> {
  await sql.raw(breaking).execute(database.admin);
  try {
    return await look(check);
  } finally {
    await sql.raw(mending).execute(database.admin);
  }
}

test('all is well with what was migrated', async () => {
  for (const check of [postgres, migrations, logins, clock])
    expect(await look(check)).toMatchObject([{ level: 'ok' }]);
});

test('a server that is not there, a database that is not, a password that is not', async () => {
  const at = (change: (url: URL) => void) => {
    const url = new URL(database.adminUrl);
    change(url);
    return look(postgres, { databaseUrl: url.href });
  };
  expect(await at((url) => (url.port = '1'))).toMatchObject([
    {
      level: 'broken',
      found: expect.stringContaining('ECONNREFUSED'),
      mend: expect.stringContaining('start'),
    },
  ]);
  expect(await at((url) => (url.pathname = '/nowhere'))).toMatchObject([
    { level: 'broken', mend: expect.stringContaining('create database') },
  ]);
  const stranger = await at((url) => (url.password = 's3cr3t'));
  expect(stranger).toMatchObject([{ level: 'broken', mend: expect.stringContaining('user and password') }]);
  expect(JSON.stringify(stranger)).not.toContain('s3cr3t');
});

test('a database that lacks migrations or a model’s relation, or has had later ones', async () => {
  const bare = await freshDatabase({ clusterUrl: cluster.adminUrl, migrated: false });
  const found = await look(migrations, { database: bare.admin });
  await bare.drop();
  expect(found).toMatchObject([
    { level: 'broken', found: expect.stringMatching(/^\d+ migrations are missing, from 001-control on$/) },
  ]);
  expect(
    await broken(
      migrations,
      'alter table gold.inventory_realtime rename to hidden',
      'alter table gold.hidden rename to inventory_realtime',
    ),
  ).toMatchObject([{ level: 'broken', found: 'gold.inventory_realtime is not in the database' }]);
  expect(
    await broken(
      migrations,
      "insert into migration.applied values ('999-later', now()::text)",
      "delete from migration.applied where name = '999-later'",
    ),
  ).toMatchObject([{ level: 'warning', found: expect.stringContaining('999-later') }]);
});

test.each([
  ['alter role weir_loader nologin', 'alter role weir_loader login', 'broken', /weir_loader cannot log in/],
  [
    'alter role weir_validator set default_transaction_read_only = off',
    'alter role weir_validator set default_transaction_read_only = on',
    'broken',
    /weir_validator may write/,
  ],
  [
    'revoke insert on control.lease from weir_loader',
    'grant insert on control.lease to weir_loader',
    'broken',
    /weir_loader may not insert on 1 relations or schemas, such as control.lease/,
  ],
  [
    'revoke select on gold.dim_stores from weir_analytics_reader',
    'grant select on gold.dim_stores to weir_analytics_reader',
    'broken',
    /weir_analytics_reader may not select on 1 .*gold.dim_stores/,
  ],
  [
    'revoke usage on schema gold from weir_analytics_reader',
    'grant usage on schema gold to weir_analytics_reader',
    'broken',
    /weir_analytics_reader may not usage on 1 .*schema gold/,
  ],
  ['alter role weir_publisher createdb', 'alter role weir_publisher nocreatedb', 'warning', /power createdb/],
  [
    'grant weir_publisher to weir_loader',
    'revoke weir_publisher from weir_loader',
    'warning',
    /weir_loader is a member of weir_publisher/,
  ],
  [
    'grant insert, select on gold.dim_stores to weir_loader',
    'revoke insert on gold.dim_stores from weir_loader',
    'warning',
    /weir_loader may insert.* on gold.dim_stores/,
  ],
  [
    'grant select on control.gate_result to weir_validator',
    'revoke select on control.gate_result from weir_validator',
    'warning',
    /weir_validator may select on control.gate_result/,
  ],
  [
    'grant select on bronze.raw_customers to public',
    'revoke select on bronze.raw_customers from public',
    'warning',
    /everybody may select on bronze.raw_customers/,
  ],
  [
    'create table gold.mine (); alter table gold.mine owner to weir_validator',
    'drop table gold.mine',
    'warning',
    /weir_validator owns gold.mine/,
  ],
])('%s', async (breaking, mending, level, found) => {
  expect(await broken(logins, breaking, mending)).toMatchObject([
    { level, found: expect.stringMatching(found), mend: expect.any(String) },
  ]);
  expect(await look(logins)).toMatchObject([{ level: 'ok' }]);
});

test('the statement that mends what a login may too much does so', async () => {
  await sql`grant update on silver.stg_transactions to weir_loader`.execute(database.admin);
  const [finding] = await look(logins);
  await sql
    .raw(finding?.mend?.replace('take it back as an administrator: ', '') ?? '')
    .execute(database.admin);
  expect(await look(logins)).toMatchObject([{ level: 'ok' }]);
});

test('settings of a server as they are', async () => {
  // A test's own server is not durable.
  expect(await look(postgresSettings)).toContainEqual(
    expect.objectContaining({ level: 'broken', found: expect.stringContaining('fsync is off') }),
  );
});

test('databases that sources are read from', async () => {
  const stranger = new URL(database.adminUrl);
  stranger.password = 's3cr3t';
  const crm = (url: string) => look(sources, { env: { WEIR_SOURCE_CRM_URL: url } });
  expect(await look(sources)).toMatchObject([
    { level: 'warning', found: expect.stringContaining('raw_customers reads by WEIR_SOURCE_CRM_URL') },
  ]);
  // The administrator may write.
  expect(await crm(database.adminUrl)).toMatchObject([
    { level: 'warning', found: expect.stringContaining('may write crm.customers') },
  ]);
  const refused = await crm(stranger.href);
  expect(refused).toMatchObject([{ level: 'broken', found: expect.stringContaining('28P01') }]);
  expect(JSON.stringify(refused)).not.toContain('s3cr3t');
  await sql`revoke select on operational.stores from weir_loader`.execute(database.admin);
  expect(await look(sources)).toContainEqual(
    expect.objectContaining({
      level: 'broken',
      found: 'raw_stores: weir_loader may not read operational.stores',
    }),
  );
  await sql`drop table operational.stores`.execute(database.admin);
  expect(await look(sources)).toContainEqual(
    expect.objectContaining({
      level: 'broken',
      found: 'raw_stores: there is no operational.stores where weir_loader leads',
    }),
  );
});
