import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Database } from '../activities/databases.ts';
import type { RepositoryFolders } from '../activities/repository.ts';
import { openDatabase } from '../workers/databases.ts';
import { readFolders, readSettings, type Settings } from '../workers/settings.ts';
import { connectTemporal, type TemporalClient } from '../workers/temporal.ts';
import { Failure } from './exit-codes.ts';

/** Where a running demo leaves its settings, so that `weir` in a second terminal finds it. */
const DEMO_SETTINGS = path.resolve(import.meta.dirname, '..', '.weir', 'demo', 'environment.json');

/**
 * The settings of this shell; without them, those of the demo that runs now.
 *
 * @throws Failure (3) when neither is there.
 */
export function cliSettings(): Settings {
  cliDatabaseUrl();
  return readSettings(process.env);
}

/** The database alone, found in the same way: all that a verb needs which starts no run. */
export function cliDatabaseUrl(): string {
  if (process.env['DATABASE_URL'] === undefined && existsSync(DEMO_SETTINGS)) {
    const demo: unknown = JSON.parse(readFileSync(DEMO_SETTINGS, 'utf8'));
    for (const [name, value] of Object.entries(demo ?? {})) process.env[name] ??= String(value);
  }
  const url = process.env['DATABASE_URL'];
  if (url !== undefined) return url;
  throw new Failure(
    'DATABASE_URL is not set and no demo is running. Set it (and TEMPORAL_ADDRESS) to your installation, or start `npm run demo` in another terminal.',
  );
}

/** Where models and suites are, for a verb that needs no other setting. */
export function cliFolders(): RepositoryFolders {
  return readFolders(process.env);
}

/** What a verb talks to. */
export interface Connections extends TemporalClient {
  readonly settings: Settings;
  readonly database: Database;
}

/** Connects, runs the verb, and closes whatever happens. */
export async function withConnections<T>(work: (connections: Connections) => Promise<T>): Promise<T> {
  const settings = cliSettings();
  const temporal = await connectTemporal();
  const database = openDatabase(settings.databaseUrl, 'weir command', 2);
  try {
    return await work({ ...temporal, settings, database });
  } finally {
    await database.destroy();
    await temporal.connection.close();
  }
}
