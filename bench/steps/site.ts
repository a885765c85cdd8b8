import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Client } from '@temporalio/client';
import pg from 'pg';
import { startPostgres } from '../../infra/local/postgres.ts';
import { startTemporal } from '../../infra/local/temporal.ts';
import type { LocalTemporal } from '../../infra/local/temporal.ts';
import { migrate } from '../../infra/migrate.ts';
import { startStandIn } from '../../infra/pagerduty/stand-in.ts';
import type { StandIn } from '../../infra/pagerduty/stand-in.ts';
import { openDatabase } from '../../workers/databases.ts';
import { readFolders } from '../../workers/settings.ts';
import { connect } from '../../workers/temporal.ts';
import type { Database } from '../../activities/databases.ts';
import { chainsOf, writeRepository } from './repository.ts';
import type { Chain } from './repository.ts';

const WORKER = resolve(import.meta.dirname, '..', '..', 'workers', 'main.ts');
const DATABASE = 'weir_bench_steps';
/** The stand-in takes any key of the right length. */
const ROUTING_KEY = 'weirstepsweirstepsweirstepsweirs';

/** Runs at once that have nothing in common. */
const chainCount = 20;

/** Weir as `npm run demo` has it: the same servers with the same settings, the worker a process of its own. */
export interface Site {
  readonly client: Client;
  readonly admin: Database;
  readonly taskQueue: string;
  readonly chains: readonly Chain[];
  readonly temporal: LocalTemporal;
  /** Delivers a file of one record to the source of a chain. */
  land(chain: Chain): Promise<void>;
  /** Ends the worker as the kernel's out-of-memory killer would, and starts another. */
  replaceWorker(): Promise<void>;
  close(): Promise<void>;
}

/** Which models a site has: those of the bench, or those that are shipped. */
export type SiteModels = 'own' | 'shipped';

/**
 * Starts everything; the worker polls when this resolves.
 *
 * @param home where the servers' data is kept between starts.
 */
export async function openSite(
  home: string,
  onProgress: (line: string) => void,
  models: SiteModels = 'own',
): Promise<Site> {
  await mkdir(home, { recursive: true });
  const [postgres, temporal, standIn] = await Promise.all([
    startPostgres({ dataFolder: join(home, 'postgres'), onProgress }),
    startTemporal({ databaseFile: join(home, 'temporal.db'), onProgress }),
    startStandIn({}),
  ]);
  const chains = chainsOf(chainCount);
  const landing = await landingFolder(home, chains);
  const [databaseUrl, folders] = await Promise.all([
    freshDatabase(postgres.adminUrl),
    models === 'own' ? writeRepository(home, chains) : readFolders({}),
  ]);
  await migrate(databaseUrl, folders);
  const taskQueue = `weir-bench-${Date.now()}`;
  const environment = {
    ...{ DATABASE_URL: databaseUrl, WEIR_TASK_QUEUE: taskQueue, WEIR_ENVIRONMENT: taskQueue },
    ...{ TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace },
    ...{ WEIR_MODELS_FOLDER: folders.modelsFolder, WEIR_SUITES_FOLDER: folders.suitesFolder },
    ...{ WEIR_LANDING_FOLDER: landing, ...(await pagerSettings(home, standIn)) },
  };
  let worker = await startWorker(environment);
  const connection = await connect({ address: temporal.address });
  const admin = openDatabase(databaseUrl, 'weir bench', 2);
  let landed = 0;
  return {
    client: new Client({ connection, namespace: temporal.namespace }),
    ...{ admin, taskQueue, chains, temporal },
    land: ({ folder }) => land(join(landing, folder), `${(landed += 1)}`),
    replaceWorker: async () => {
      await endWorker(worker, 'SIGKILL');
      worker = await startWorker(environment);
    },
    close: async () => {
      await endWorker(worker, 'SIGTERM');
      await connection.close();
      await admin.destroy();
      await Promise.all([postgres.stop(), temporal.stop(), standIn.stop()]);
    },
  };
}

/** What a worker needs to reach the stand-in. @param home where its certificate is kept */
export async function pagerSettings(home: string, { server, ca }: StandIn): Promise<NodeJS.ProcessEnv> {
  const caFile = join(home, 'pager-ca.pem');
  await writeFile(caFile, ca);
  return {
    PAGERDUTY_ROUTING_KEY: ROUTING_KEY,
    WEIR_PAGERDUTY_SERVER: server,
    WEIR_PAGERDUTY_CA_FILE: caFile,
  };
}

/** An empty database of a cluster, whatever was in it before. @returns its URL */
export async function freshDatabase(clusterUrl: string, database = DATABASE): Promise<string> {
  const cluster = new pg.Client({ connectionString: clusterUrl });
  await cluster.connect();
  try {
    await cluster.query(`drop database if exists ${database} with (force)`);
    await cluster.query(`create database ${database} template template0`);
  } finally {
    await cluster.end();
  }
  const url = new URL(clusterUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** An empty folder for what sources deliver, with one below it for each pipeline. */
async function landingFolder(home: string, chains: readonly Chain[]): Promise<string> {
  const landing = join(home, 'landing');
  await rm(landing, { recursive: true, force: true });
  for (const { folder } of chains) await mkdir(join(landing, folder), { recursive: true });
  return landing;
}

/** A file of one record, whole at once, as sources deliver them. */
async function land(folder: string, name: string): Promise<void> {
  const record = { step_id: name, happened_at: '2026-01-01T00:00:00' };
  await writeFile(join(folder, `${name}.tmp`), `${JSON.stringify(record)}\n`);
  await rename(join(folder, `${name}.tmp`), join(folder, `${name}.jsonl`));
}

/** A worker of a process of its own; it polls when this resolves. */
export async function startWorker(environment: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', WORKER], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment, WEIR_FOLLOW_PARENT: '1' },
    detached: true,
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-2000)));
  await new Promise<void>((accept, refuse) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('worker ready')) accept();
    });
    child.once('exit', (code, signal) =>
      refuse(new Error(`the worker ended with ${signal ?? code} before it was ready: ${said}`)),
    );
  });
  return child;
}

/** Ends a worker, if it has not ended. */
export async function endWorker(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}
