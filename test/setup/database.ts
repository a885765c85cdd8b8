import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import type { Database, Databases } from '../../activities/databases.ts';
import { startPostgres } from '../../infra/local/postgres.ts';
import type { LocalPostgres, PostgresOptions } from '../../infra/local/postgres.ts';
import { migrate } from '../../infra/migrate.ts';
import { openDatabase, openDatabases } from '../../workers/databases.ts';
import { runFolder } from './once.ts';

/** A database of one's own: nobody else writes there. */
export interface FreshDatabase {
  /** URL of the superuser, for this database. */
  readonly adminUrl: string;
  readonly databases: Databases;
  /** As the superuser. */
  readonly admin: Database;
  /** Closes the pools and drops the database, whoever is still connected. */
  drop(): Promise<void>;
}

/** How the database begins. */
export interface FreshOptions {
  /** False for an empty database without schemas and tables. */
  readonly migrated?: boolean;
  /** Another cluster than the run's: the URL of its superuser. */
  readonly clusterUrl?: string;
}

const connectionsPerLogin = 5;

/**
 * Makes a database, migrated and with the models deployed unless asked otherwise: a copy of a template that the first
 * caller makes.
 */
export async function freshDatabase({
  migrated = true,
  clusterUrl,
}: FreshOptions = {}): Promise<FreshDatabase> {
  const cluster = clusterUrl ?? inject('postgresAdminUrl');
  const template = migrated ? await ensureTemplate(cluster) : 'template0';
  const name = `weir_test_${randomBytes(5).toString('hex')}`;
  await onCluster(cluster, (client) =>
    client.query(`create database ${name} template ${template} strategy file_copy`),
  );
  const adminUrl = databaseUrl(cluster, name);
  const admin = openDatabase(adminUrl, 'test admin', connectionsPerLogin);
  const databases = openDatabases(adminUrl, 'test', connectionsPerLogin);
  return {
    adminUrl,
    databases,
    admin,
    drop: async () => {
      await Promise.all([databases.close(), admin.destroy()]);
      await onCluster(cluster, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}

/**
 * A cluster of one's own, for tests that stop or crash it. Stop it when done.
 *
 * @example const cluster = await ownPostgres(); const database = await freshDatabase({ clusterUrl: cluster.adminUrl });
 */
export function ownPostgres(options: Partial<PostgresOptions> = {}): Promise<LocalPostgres> {
  return startPostgres({
    dataFolder: join(runFolder, `postgres-${randomBytes(4).toString('hex')}`),
    timezone: 'Asia/Kolkata',
    durable: false,
    settings: { shared_buffers: '128MB' },
    ...options,
  });
}

/**
 * Workers race for it: one makes it, under a lock, and it gets its name only when it is whole. There is one a day, since
 * its partitions are those of the days from when it was made: a run of the tests may go on over midnight UTC.
 */
async function ensureTemplate(cluster: string): Promise<string> {
  return onCluster(cluster, async (client) => {
    await client.query(`select pg_advisory_lock(hashtext('weir_template'))`);
    const { rows } = await client.query<{ day: string }>(
      `select to_char(now() at time zone 'UTC', 'YYYYMMDD') as day`,
    );
    const template = `weir_template_${rows[0]?.day ?? ''}`;
    const { rowCount } = await client.query(`select from pg_database where datname = '${template}'`);
    if (rowCount === 1) return template;
    const building = `${template}_building`;
    await client.query(`drop database if exists ${building} with (force)`);
    await client.query(`create database ${building} template template0`);
    await migrate(databaseUrl(cluster, building));
    await client.query(`alter database ${building} rename to ${template}`);
    return template;
  });
}

async function onCluster<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function databaseUrl(cluster: string, name: string): string {
  const url = new URL(cluster);
  url.pathname = `/${name}`;
  return url.href;
}
