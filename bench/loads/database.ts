import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { resolve } from 'node:path';
import { sql } from 'kysely';
import type { Database, Databases } from '../../activities/databases.ts';
import type { RepositoryFolders } from '../../activities/repository.ts';
import { startPostgres } from '../../infra/local/postgres.ts';
import { migrate } from '../../infra/migrate.ts';
import { openDatabase, openDatabases } from '../../workers/databases.ts';
import { sizeName } from './options.ts';

const PROJECT = resolve(import.meta.dirname, '..', '..');

/** The shipped models and suites, as they are. */
export const folders: RepositoryFolders = {
  modelsFolder: join(PROJECT, 'models'),
  suitesFolder: join(PROJECT, 'expectations', 'suites'),
};

/** A database whose bronze and silver have so many rows. */
export interface Base {
  /** `10M` and the like. */
  readonly size: string;
  readonly rows: number;
  readonly name: string;
  /** URL of the superuser, for this database. */
  readonly adminUrl: string;
  readonly admin: Database;
  /** Weir's own logins, as a worker has them. */
  readonly databases: Databases;
  close(): Promise<void>;
}

/** The bench's Postgres. */
export interface BenchServer {
  openBase(rows: number): Promise<Base>;
  /** Drops a base whose connections are closed. */
  dropBase(base: Base): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a Postgres of the bench's own with the settings that `npm run demo` has, but for room for 200 readers, and for
 * autovacuum: it would come in one contestant's time and not in another's, so the bench vacuums between them.
 */
export async function startServer(home: string, onProgress: (line: string) => void): Promise<BenchServer> {
  await mkdir(home, { recursive: true });
  const settings = { autovacuum: 'off', max_connections: '300' };
  const server = await startPostgres({ dataFolder: join(home, 'postgres'), settings, onProgress });
  return {
    openBase: (rows) => openBase(server.adminUrl, rows),
    dropBase: ({ name }) => inCluster(server.adminUrl, (cluster) => dropDatabase(cluster, name)),
    stop: () => server.stop(),
  };
}

async function openBase(clusterUrl: string, rows: number): Promise<Base> {
  const name = `weir_loads_${rows}`;
  const url = new URL(clusterUrl);
  url.pathname = `/${name}`;
  const adminUrl = url.href;
  const found = await ensureDatabase(clusterUrl, name);
  await migrate(adminUrl, folders).catch(async (error: unknown) => {
    if (!found) throw error;
    // Kept from a version whose tables are not on the way to these: it is filled anew.
    await inCluster(clusterUrl, (cluster) => dropDatabase(cluster, name));
    await ensureDatabase(clusterUrl, name);
    await migrate(adminUrl, folders);
  });
  const admin = openDatabase(adminUrl, 'weir bench', 2);
  const databases = openDatabases(adminUrl, 'weir bench', 5);
  const close = async (): Promise<void> => {
    await Promise.all([admin.destroy(), databases.close()]);
  };
  return { size: sizeName(rows), rows, name, adminUrl, admin, databases, close };
}

/** @returns whether it was there. */
async function ensureDatabase(clusterUrl: string, name: string): Promise<boolean> {
  let found = false;
  await inCluster(clusterUrl, async (cluster) => {
    const { rows } = await sql`select from pg_database where datname = ${name}`.execute(cluster);
    found = rows.length > 0;
    if (!found) await sql`create database ${sql.id(name)} template template0`.execute(cluster);
  });
  return found;
}

async function dropDatabase(cluster: Database, name: string): Promise<void> {
  await sql`drop database if exists ${sql.id(name)} with (force)`.execute(cluster);
}

async function inCluster(url: string, work: (cluster: Database) => Promise<void>): Promise<void> {
  const cluster = openDatabase(url, 'weir bench', 1);
  try {
    await work(cluster);
  } finally {
    await cluster.destroy();
  }
}
