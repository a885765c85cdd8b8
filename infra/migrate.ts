import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Migration, MigrationProvider } from 'kysely/migration';
import type { Database } from '../activities/databases.ts';
import { deployModels } from '../activities/deploy.ts';
import { readRepository } from '../activities/repository.ts';
import { openDatabase } from '../workers/databases.ts';
import { ensureLogins } from './ensure-logins.ts';

const migrationsFolder = new URL('./migrations/', import.meta.url);
const oldestPostgres = 18;

/** Which models and suites to deploy; those of this repository when left out. */
export interface MigrateOptions {
  readonly modelsFolder?: string;
  readonly suitesFolder?: string;
}

/** What `migrate` did. */
export interface Migrated {
  /** Names of the migrations that the database had not had yet. */
  readonly applied: readonly string[];
}

/**
 * Brings a database up to date: logins, the migrations that it has not had yet, then tables, views and grants as the
 * models say. Safe to run again and by two at once.
 *
 * @param adminUrl of somebody who may create roles and schemas.
 * @throws Error naming the migration that failed; nothing of it is kept.
 */
export async function migrate(adminUrl: string, options: MigrateOptions = {}): Promise<Migrated> {
  const admin = openDatabase(adminUrl, 'weir migrate', 2);
  try {
    await checkVersion(admin);
    await ensureLogins(admin, adminUrl);
    const applied = await runMigrations(admin);
    await deploy(admin, options);
    return { applied };
  } finally {
    await admin.destroy();
  }
}

async function checkVersion<Tables>(admin: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{
    version: string;
  }>`select current_setting('server_version') as version`.execute(admin);
  const version = rows[0]?.version ?? '';
  if (Number.parseInt(version, 10) < oldestPostgres)
    throw new Error(
      `Weir needs Postgres ${oldestPostgres} or later (MERGE … RETURNING old, new); this server is ${version}`,
    );
}

/**
 * Names of migrations that a database has not had yet, in their order. It only reads.
 *
 * @param options.all those that it has had as well.
 */
export async function pendingMigrations<Tables>(
  admin: Kysely<Tables>,
  { all = false }: { readonly all?: boolean } = {},
): Promise<readonly string[]> {
  const found = await migratorOf(admin).getMigrations();
  return found.filter(({ executedAt }) => all || executedAt === undefined).map(({ name }) => name);
}

function migratorOf<Tables>(admin: Kysely<Tables>): Migrator {
  return new Migrator({
    db: admin,
    provider: sqlFiles(migrationsFolder),
    migrationTableSchema: 'migration',
    migrationTableName: 'applied',
    migrationLockTableName: 'lock',
  });
}

async function runMigrations<Tables>(admin: Kysely<Tables>): Promise<readonly string[]> {
  const { error, results = [] } = await migratorOf(admin).migrateToLatest();
  if (error === undefined) return results.map(({ migrationName }) => migrationName);
  const failed = results.find((result) => result.status === 'Error');
  const reason = error instanceof Error ? error.message : 'unknown reason';
  throw new Error(
    failed === undefined
      ? `the migrations failed: ${reason}`
      : `infra/migrations/${failed.migrationName}.sql failed: ${reason}`,
    {
      cause: error,
    },
  );
}

/** Each `.sql` file of the folder is a migration, in the order of the names. */
function sqlFiles(folder: URL): MigrationProvider {
  return {
    getMigrations: async () => {
      const files = (await readdir(folder)).filter((file) => file.endsWith('.sql'));
      const migrations: Record<string, Migration> = {};
      for (const file of files) {
        const text = await readFile(new URL(file, folder), 'utf8');
        migrations[file.replace(/\.sql$/, '')] = {
          up: async (db) => {
            await sql.raw(text).execute(db);
          },
        };
      }
      return migrations;
    },
  };
}

async function deploy(admin: Database, options: MigrateOptions): Promise<void> {
  const repository = await readRepository({
    modelsFolder: options.modelsFolder ?? fileURLToPath(new URL('../models/', import.meta.url)),
    suitesFolder: options.suitesFolder ?? fileURLToPath(new URL('../expectations/suites/', import.meta.url)),
  });
  await deployModels(admin, repository);
}
