import os from 'node:os';
import type { Client } from '@temporalio/client';
import { NativeConnection, Worker, type NativeConnectionOptions } from '@temporalio/worker';
import type { Databases } from '../activities/databases.ts';
import { createActivities } from '../activities/index.ts';
import { createPagerDuty } from '../activities/notifiers/pagerduty.ts';
import { workflowBundle } from './bundle.ts';
import type { Settings } from './settings.ts';
import { openSources } from './sources.ts';
import type { Sources } from './sources.ts';
import { createIsCurrentRun, createIsRunOpen } from './temporal.ts';

/** What the workers of one process need: clients are built by the caller, and closed by it. */
export interface WorkerDeps {
  readonly settings: Settings;
  readonly databases: Databases;
  readonly client: Client;
  readonly connection: NativeConnection;
  readonly namespace: string;
}

/** Activities at once, and so connections a login: two cores of Postgres are busy well before that. */
export const LOAD_SLOTS = 8;

/** How long a worker may take to finish what it runs after SIGTERM, before it lets Temporal give it to another. */
const SHUTDOWN_GRACE = '20 seconds';

/** Workers for loads and for pages, apart so that a slow pager never takes a load's slot. */
export interface Workers {
  /** Resolves when both have drained; rejects when one broke. */
  readonly done: Promise<void>;
  shutdown(): void;
}

/** Starts the workers of one process; they poll when this resolves. */
export async function startWorkers(deps: WorkerDeps): Promise<Workers> {
  const { settings, connection, namespace, client, databases } = deps;
  const sources = openSources(settings.sourceUrls ?? {});
  const activities = createActivities({
    databases,
    client,
    isRunOpen: createIsRunOpen(client),
    isCurrentRun: createIsCurrentRun(client),
    folders: { modelsFolder: settings.modelsFolder, suitesFolder: settings.suitesFolder },
    landingFolder: settings.landingFolder,
    sourceDatabase: sources.connection,
    environment: settings.environment,
    taskQueue: settings.taskQueue,
    links: { temporalUi: settings.temporalUiUrl, namespace },
    notifiers: [createPagerDuty(settings.pagerDuty)],
  });
  const { send, ...loading } = activities;
  const common = {
    connection,
    namespace,
    identity: `${os.hostname()}:${process.pid}`,
    shutdownGraceTime: SHUTDOWN_GRACE,
  } as const;
  const loads = await Worker.create({
    ...common,
    taskQueue: settings.taskQueue,
    workflowBundle: await workflowBundle(),
    activities: loading,
    maxConcurrentActivityTaskExecutions: LOAD_SLOTS,
  });
  const pages = await Worker.create({
    ...common,
    taskQueue: `${settings.taskQueue}-page`,
    activities: { send },
  });
  const all = [loads, pages];
  return {
    done: drained(all, sources),
    shutdown: () => {
      for (const worker of all) if (worker.getState() === 'RUNNING') worker.shutdown();
    },
  };
}

/** What the workers alone have opened is closed when they have drained, however that ended. */
async function drained(workers: readonly Worker[], sources: Sources): Promise<void> {
  try {
    await Promise.all(workers.map((worker) => worker.run()));
  } finally {
    await sources.close();
  }
}

/** The native connection of a worker, by the same options as the client's. */
export async function connectWorker(options: NativeConnectionOptions): Promise<NativeConnection> {
  return await NativeConnection.connect(options);
}
