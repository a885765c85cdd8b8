import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Database } from '../activities/databases.ts';
import type { RepositoryFolders } from '../activities/repository.ts';
import { loginUrl, type Login } from '../infra/local/logins.ts';
import { openDatabase } from '../workers/databases.ts';
import { isPostgresUrl, readFolders, readShellSettings, type ShellSettings } from '../workers/settings.ts';
import type { TemporalClient } from '../workers/temporal.ts';
import { Failure } from './exit-codes.ts';
import { reachTemporal } from './reach-temporal.ts';

/** Where a running demo leaves its settings, so that `weir` in a second terminal finds it. */
const DEMO_SETTINGS = path.resolve(import.meta.dirname, '..', '.weir', 'demo', 'environment.json');

/**
 * The settings of this shell; without them, those of the demo that runs now.
 *
 * @throws Failure (3) when neither is there.
 */
export function cliSettings(): ShellSettings {
  cliDatabaseUrl();
  return readShellSettings(process.env);
}

/** The database alone, found in the same way: all that a verb needs which starts no run. */
export function cliDatabaseUrl(): string {
  takeDemoSettings();
  const url = process.env['DATABASE_URL'];
  if (url !== undefined && isPostgresUrl(url)) return url;
  if (url !== undefined)
    throw new Failure(
      'DATABASE_URL is not the URL of a Postgres: write it as postgres://user:password@host:port/database, a % of the password as %25.',
    );
  throw new Failure(
    'DATABASE_URL is not set and no demo is running. Set it (and TEMPORAL_ADDRESS) to your installation, or start `npm run demo` in another terminal.',
  );
}

/** Those of the demo that runs now, where this shell names no database. */
export function takeDemoSettings(): void {
  if (process.env['DATABASE_URL'] !== undefined || !existsSync(DEMO_SETTINGS)) return;
  const demo: unknown = JSON.parse(readFileSync(DEMO_SETTINGS, 'utf8'));
  for (const [name, value] of Object.entries(demo ?? {})) process.env[name] ??= String(value);
}

/** Where models and suites are, for a verb that needs no other setting. */
export function cliFolders(): RepositoryFolders {
  return readFolders(process.env);
}

/** What a verb talks to. */
export interface Connections extends TemporalClient {
  readonly settings: ShellSettings;
  readonly database: Database;
}

/**
 * Opens the database for one verb, and closes it whatever happens.
 *
 * @param verb as the database shows it among its connections: `weir plan`.
 * @param login one of Weir's own; left out, that of the shell itself.
 * @param connections at once, at most.
 */
export async function withDatabase<T>(
  verb: string,
  work: (database: Database) => Promise<T>,
  login?: Login,
  connections = 2,
): Promise<T> {
  const url = cliDatabaseUrl();
  const database = openDatabase(login === undefined ? url : loginUrl(url, login), verb, connections);
  try {
    return await work(database);
  } finally {
    await database.destroy();
  }
}

/** Connects, runs the verb, and closes whatever happens. */
export async function withConnections<T>(work: (connections: Connections) => Promise<T>): Promise<T> {
  const settings = cliSettings();
  const temporal = await reachTemporal();
  try {
    return await withDatabase('weir command', (database) => work({ ...temporal, settings, database }));
  } finally {
    await temporal.connection.close();
  }
}
