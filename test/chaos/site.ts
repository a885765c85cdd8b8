import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';
import type { RepositoryFolders } from '../../activities/repository.ts';
import { isAlive } from '../../infra/local/lock.mjs';
import { closedFolder } from '../../infra/local/os-user.ts';
import { startPostgres } from '../../infra/local/postgres.ts';
import type { LocalPostgres } from '../../infra/local/postgres.ts';
import { migrate } from '../../infra/migrate.ts';
import { openDatabase } from '../../workers/databases.ts';
import { layAudit } from './audit.ts';
import type { BrokenName } from './broken/broken.ts';
import { readByLoadedAt } from './broken/max-loaded-at.ts';
import { createOperational } from './writers/stores.ts';

/** Where a run of the test happens: a cluster, a database and a landing folder of its own. */
export interface Site {
  readonly cluster: LocalPostgres;
  /** The database, as its administrator. */
  readonly url: string;
  readonly admin: Database;
  readonly landingFolder: string;
  readonly folders: RepositoryFolders;
  /** Stops Postgres and removes all of it. */
  close(): Promise<void>;
}

const project = path.resolve(import.meta.dirname, '..', '..');

/** The models that are loaded: what is computed by plain SQL at the end. */
const loaded = [
  'bronze/raw_transactions',
  'bronze/raw_pos_events',
  'bronze/raw_inventory',
  'bronze/raw_stores',
  'bronze/raw_products',
  'silver/stg_transactions',
  'silver/stg_pos_events',
  'silver/stg_inventory',
  'gold/fct_daily_sales',
  'gold/dim_stores',
  'gold/dim_products',
  'gold/dim_stores_history',
  'gold/dim_products_history',
  'gold/inventory_realtime',
  'semantic/daily_sales_by_region',
];

/** An amount that the input gate holds: no reader may ever see it. */
export const badAmount = 66_666;

/** Starts one. Postgres writes through to its disk, so that stopping it hard means something. */
export async function openSite(broken: BrokenName | null): Promise<Site> {
  const folder = await ownFolder();
  await mkdir(path.join(folder, 'landing'), { recursive: true });
  const folders = { modelsFolder: path.join(folder, 'models'), suitesFolder: path.join(folder, 'suites') };
  await Promise.all([copyModels(folders.modelsFolder), writeSuites(folders.suitesFolder)]);
  const cluster = await startPostgres({
    dataFolder: path.join(folder, 'postgres'),
    timezone: 'Asia/Kolkata',
    durable: true,
    settings: { shared_buffers: '128MB', max_wal_size: '1GB' },
  });
  const url = await createDatabase(cluster.adminUrl, folders);
  const admin = openDatabase(url, 'chaos', 12);
  await createOperational(admin);
  await layAudit(admin);
  if (broken === 'max-loaded-at') await readByLoadedAt(admin);
  if (broken === 'watermark-apart')
    await sql`alter table control.watermark drop constraint watermark_load_id_fkey`.execute(admin);
  return {
    cluster,
    url,
    admin,
    landingFolder: path.join(folder, 'landing'),
    folders,
    close: async () => {
      await admin.destroy();
      await cluster.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** This process's own; those that killed runs left are removed. Postgres' user has to be able to reach it. */
async function ownFolder(): Promise<string> {
  const closed = process.getuid?.() === 0 && closedFolder(path.join(project, 'package.json')) !== null;
  const all = closed ? path.join(tmpdir(), 'weir-chaos-root') : path.join(project, '.weir', 'chaos');
  await mkdir(all, { recursive: true });
  for (const pid of await readdir(all))
    if (!isAlive(Number(pid)) || Number(pid) === process.pid)
      await rm(path.join(all, pid), { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  return path.join(all, String(process.pid));
}

/**
 * The shipped models as they are now: a test of an hour is not to meet a file that is being edited. Parameters of gates
 * and limits of shrinking go, as the suites below ask for none and stores come and go at random.
 */
async function copyModels(target: string): Promise<void> {
  for (const name of loaded) {
    const text = await readFile(path.join(project, 'models', `${name}.sql`), 'utf8');
    const file = path.join(target, `${name}.sql`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(
      file,
      text.replaceAll(/^ {4}parameters:\n(?: {6}.*\n)+/gm, '').replace(/^max_shrink:.*\n/m, ''),
    );
  }
}

/**
 * Suites of the shipped names that any window passes, but for one amount. What gates ask is not what is tested here, and
 * rows at random would break most promises about fresh hours.
 */
async function writeSuites(target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  const shipped = path.join(project, 'expectations', 'suites');
  for (const file of (await readdir(shipped)).filter((name) => name.endsWith('.json'))) {
    const suite: unknown = JSON.parse(await readFile(path.join(shipped, file), 'utf8'));
    const meta: unknown = typeof suite === 'object' && suite !== null ? Reflect.get(suite, 'meta') : {};
    const name = path.basename(file, '.json');
    const rows = { type: 'expect_table_row_count_to_be_between', kwargs: { min_value: 0 } };
    const amount = {
      type: 'expect_column_values_to_not_be_in_set',
      kwargs: { column: 'total_amount', value_set: [badAmount] },
    };
    const promises = name === 'transactions' ? [rows, amount] : [rows];
    const expectations = promises.map((promise) => ({ ...promise, severity: 'critical', meta: {} }));
    await writeFile(path.join(target, file), JSON.stringify({ name, expectations, meta }));
  }
}

async function createDatabase(clusterUrl: string, folders: RepositoryFolders): Promise<string> {
  const server = openDatabase(clusterUrl, 'chaos', 1);
  await sql`create database weir_chaos template template0`.execute(server);
  // A loader that waits for a frozen one gives up and is tried again, as on an installation with these settings.
  await sql`alter database weir_chaos set lock_timeout = '600ms'`.execute(server);
  await server.destroy();
  const url = new URL(clusterUrl);
  url.pathname = '/weir_chaos';
  await migrate(url.href, folders);
  return url.href;
}
