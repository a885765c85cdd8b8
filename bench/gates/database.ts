import { cp, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { sql } from 'kysely';
import type { Database, Databases } from '../../activities/databases.ts';
import type { RepositoryFolders } from '../../activities/repository.ts';
import { startPostgres } from '../../infra/local/postgres.ts';
import { migrate } from '../../infra/migrate.ts';
import { openDatabase, openDatabases } from '../../workers/databases.ts';

const PROJECT = resolve(import.meta.dirname, '..', '..');
const DATABASE = 'weir_bench';

/** A database as a run finds it: migrated, the shipped models deployed, with one model of the bench beside them. */
export interface BenchDatabase {
  /** URL of the superuser, for this database. */
  readonly adminUrl: string;
  readonly admin: Database;
  /** Weir's own logins, as a worker has them. */
  readonly databases: Databases;
  readonly folders: RepositoryFolders;
  close(): Promise<void>;
}

/**
 * Starts a Postgres of the bench's own with the settings that `npm run demo` has.
 *
 * @param home where its data and the bench's copy of the models are kept.
 */
export async function openBenchDatabase(
  home: string,
  onProgress: (line: string) => void,
): Promise<BenchDatabase> {
  await mkdir(home, { recursive: true });
  const folders = await copyRepository(home);
  const server = await startPostgres({ dataFolder: join(home, 'postgres'), onProgress });
  try {
    const adminUrl = await ensureDatabase(server.adminUrl);
    await migrate(adminUrl, folders);
    const admin = openDatabase(adminUrl, 'weir bench', 2);
    const databases = openDatabases(adminUrl, 'weir bench', 5);
    return {
      adminUrl,
      admin,
      databases,
      folders,
      close: async () => {
        await Promise.all([admin.destroy(), databases.close()]);
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** The shipped models and suites, and the bench's model: its output gate asks the transactions suite of a plain table. */
async function copyRepository(home: string): Promise<RepositoryFolders> {
  const [modelsFolder, suitesFolder] = [join(home, 'models'), join(home, 'suites')];
  await Promise.all(
    [modelsFolder, suitesFolder].map((folder) => rm(folder, { recursive: true, force: true })),
  );
  await cp(join(PROJECT, 'models'), modelsFolder, {
    recursive: true,
    filter: (file) => !file.endsWith('.ts'),
  });
  await cp(join(PROJECT, 'expectations', 'suites'), suitesFolder, { recursive: true });
  await cp(
    join(import.meta.dirname, 'bench_transactions.sql'),
    join(modelsFolder, 'silver', 'bench_transactions.sql'),
  );
  return { modelsFolder, suitesFolder };
}

async function ensureDatabase(clusterUrl: string): Promise<string> {
  const cluster = openDatabase(clusterUrl, 'weir bench', 1);
  try {
    const { rows } = await sql`select from pg_database where datname = ${DATABASE}`.execute(cluster);
    if (rows.length === 0) await sql`create database ${sql.id(DATABASE)} template template0`.execute(cluster);
  } finally {
    await cluster.destroy();
  }
  const url = new URL(clusterUrl);
  url.pathname = `/${DATABASE}`;
  return url.href;
}
