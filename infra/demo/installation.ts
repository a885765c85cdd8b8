import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from '@temporalio/client';
import pg from 'pg';
import { applySchedules, SCHEDULES } from '../../workers/schedules.ts';
import { connect } from '../../workers/temporal.ts';
import type { Stack } from '../local/stack.ts';
import type { StandIn } from '../pagerduty/stand-in.ts';
import { migrate } from '../migrate.ts';
import { startCatalogue } from './catalogue.ts';
import { crmAdminUrl, loadCrm } from './crm.ts';
import { loadOperational } from './operational.ts';

/** A Weir on a stack: its own database, queue, landing folder and worker, so that no story meets another's rows. */
export interface Installation {
  readonly adminUrl: string;
  /** Of the loyalty system's database, which is another. */
  readonly crmAdminUrl: string;
  readonly client: Client;
  readonly taskQueue: string;
  readonly landingFolder: string;
  /** Where the catalogue is served. */
  readonly catalogueUrl: string;
  /** What a shell needs to reach it; `weir` in a second terminal reads the same from `environment.json`. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The stand-in takes any key of the right length. */
const DEMO_ROUTING_KEY = 'weirdemoweirdemoweirdemoweirdemo';
const DATABASE_PREFIX = 'weir_demo_';

/** Names are of this story alone. */
export interface InstallOptions {
  readonly storyId: string;
  readonly environment: string;
  readonly home: string;
  readonly standIn: StandIn;
  /** Where pages link to for runbooks and suites. */
  readonly repositoryUrl: string;
  readonly onProgress: (line: string) => void;
}

/**
 * Makes a fresh installation: what earlier demos left (databases, open runs) is cleared away first.
 *
 * @param home the demo's folder; the landing folder and the environment file live there.
 */
export async function install(stack: Stack, options: InstallOptions): Promise<Installation> {
  const { storyId, home, onProgress } = options;
  const connection = await connect({ address: stack.temporal.address });
  const client = new Client({ connection, namespace: stack.temporal.namespace });
  const [adminUrl] = await Promise.all([freshDatabase(stack.adminUrl, storyId), clearAway(client)]);
  await migrate(adminUrl);
  onProgress('migrations have run: bronze, silver, gold, semantic, control, and seven logins');
  const rows = await loadOperational(adminUrl);
  onProgress(
    `the operational tables have ${rows.stores} stores and ${rows.products.toLocaleString('en-US')} products`,
  );

  const landingFolder = path.join(home, 'landing');
  await rm(landingFolder, { recursive: true, force: true });
  await mkdir(landingFolder, { recursive: true });
  const taskQueue = `weir-${storyId}`;
  const { uiUrl, namespace } = stack.temporal;
  const catalogue = await startCatalogue({
    ...{ adminUrl, onProgress, environment: options.environment },
    links: { temporalUi: uiUrl, namespace, repositoryUrl: options.repositoryUrl },
  });
  const places = { adminUrl, landingFolder, taskQueue, catalogueUrl: catalogue.url };
  const environment = await writeEnvironment(stack, { ...options, ...places });
  await rm(path.join(home, 'worker.log'), { force: true });
  const worker = await startWorker(environment);
  await applySchedules(client, { taskQueue, paused: true });
  await pauseSchedules(client, 'The demo tells its story');
  onProgress('a worker polls, and the schedules wait, paused');
  return {
    adminUrl,
    crmAdminUrl: crmAdminUrl(stack.adminUrl),
    client,
    taskQueue,
    landingFolder,
    catalogueUrl: catalogue.url,
    environment,
    stop: async () => {
      await rm(path.join(home, 'environment.json'), { force: true });
      // A schedule without a worker would only pile up runs.
      await pauseSchedules(client, 'The demo has ended');
      await worker.stop();
      await catalogue.close();
      // The connection ends with the process: at Ctrl-C the story may be in the middle of a call, and the client's retry
      // throws out of a timer when it finds its channel closed.
    },
  };
}

async function pauseSchedules(client: Client, why: string): Promise<void> {
  await Promise.all(SCHEDULES.map(({ scheduleId }) => client.schedule.getHandle(scheduleId).pause(why)));
}

/** Lets the schedules run, now that the story has been told. */
export async function startSchedules({ client }: Installation): Promise<void> {
  await Promise.all(
    SCHEDULES.map(({ scheduleId }) => client.schedule.getHandle(scheduleId).unpause('The story has ended')),
  );
}

async function freshDatabase(clusterUrl: string, storyId: string): Promise<string> {
  const name = `${DATABASE_PREFIX}${storyId.replaceAll('-', '_')}`;
  const admin = new pg.Client({
    connectionString: clusterUrl,
    application_name: 'weir demo',
    options: '-c TimeZone=UTC',
  });
  await admin.connect();
  try {
    const { rows } = await admin.query<{ datname: string }>(
      'select datname from pg_database where datname like $1',
      [`${DATABASE_PREFIX.replaceAll('_', '\\_')}%`],
    );
    for (const { datname } of rows)
      await admin.query(`drop database if exists ${admin.escapeIdentifier(datname)} with (force)`);
    await admin.query(`create database ${admin.escapeIdentifier(name)} template template0`);
  } finally {
    await admin.end();
  }
  const url = new URL(clusterUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Runs that an earlier demo left open belong to a database that is gone. */
async function clearAway(client: Client): Promise<void> {
  const query = 'TaskQueue STARTS_WITH "weir-demo-" AND ExecutionStatus = "Running"';
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    await client.workflow
      .getHandle(workflowId, runId)
      .terminate('A later demo began')
      .catch(() => undefined);
  }
}

async function writeEnvironment(
  stack: Stack,
  options: InstallOptions & {
    readonly adminUrl: string;
    readonly landingFolder: string;
    readonly taskQueue: string;
    readonly catalogueUrl: string;
  },
): Promise<Record<string, string>> {
  const { home, adminUrl, landingFolder, taskQueue, standIn } = options;
  const caFile = path.join(home, 'pagerduty-ca.pem');
  await writeFile(caFile, standIn.ca);
  const environment = {
    DATABASE_URL: adminUrl,
    TEMPORAL_ADDRESS: stack.temporal.address,
    TEMPORAL_NAMESPACE: stack.temporal.namespace,
    TEMPORAL_UI_URL: stack.temporal.uiUrl,
    WEIR_LANDING_FOLDER: landingFolder,
    WEIR_SOURCE_CRM_URL: await loadCrm(stack.adminUrl),
    WEIR_TASK_QUEUE: taskQueue,
    // The story's person decides; what is held afterwards is looked at by itself.
    WEIR_LOOK_SECONDS: '300',
    WEIR_ENVIRONMENT: options.environment,
    PAGERDUTY_ROUTING_KEY: DEMO_ROUTING_KEY,
    WEIR_PAGERDUTY_SERVER: standIn.server,
    WEIR_PAGERDUTY_CA_FILE: caFile,
    WEIR_REPOSITORY_URL: options.repositoryUrl,
    WEIR_CATALOGUE_URL: options.catalogueUrl,
    WEIR_LOG_FILE: path.join(home, 'worker.log'),
  };
  // It holds the database's password: for this user only.
  await writeFile(path.join(home, 'environment.json'), `${JSON.stringify(environment, null, 2)}\n`, {
    mode: 0o600,
  });
  return environment;
}

/** Starts the worker process and waits until it polls. */
async function startWorker(
  environment: Readonly<Record<string, string>>,
): Promise<{ stop(): Promise<void> }> {
  const main = path.resolve(import.meta.dirname, '..', '..', 'workers', 'main.ts');
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment, WEIR_FOLLOW_PARENT: '1' },
    // Ctrl-C goes to the whole terminal group; the demo stops its worker itself, after its own work.
    detached: true,
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('worker ready')) resolve();
    });
    child.once('exit', (code, signal) =>
      reject(new Error(`the worker ended (${signal ?? code}) before it was ready`)),
    );
  });
  return {
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}
