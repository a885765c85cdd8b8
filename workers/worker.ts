import os from 'node:os';
import type { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import type { Databases } from '../activities/databases.ts';
import { createActivities, type Activities, type ActivityDeps } from '../activities/index.ts';
import { createPagerDuty } from '../activities/notifiers/pagerduty.ts';
import { readGraph, type RepositoryFolders } from '../activities/repository.ts';
import type { WatchPace } from '../activities/watch.ts';
import { queueName, type Queue } from '../workflows/queues.ts';
import { activityLog } from './activity-log.ts';
import { workflowBundle } from './bundle.ts';
import { countActivities } from './metrics/count-activities.ts';
import { countDeliveries } from './metrics/count-deliveries.ts';
import type { Counters } from './metrics/counters.ts';
import type { Notify } from './notify/notify.ts';
import { ownRun } from './own-run.ts';
import { redactFailure } from './redact-failure.ts';
import { scheduleBook } from './schedules/book.ts';
import type { WeirSchedule } from './schedules/schedule.ts';
import { scheduleSights } from './schedules/sights.ts';
import { ALL_SCHEDULES, schedulesOf } from './schedules.ts';
import type { Settings } from './settings.ts';
import { openSources } from './sources.ts';
import type { Sources } from './sources.ts';
import { createIsCurrentRun, createIsRunOpen } from './temporal.ts';
import { WORKER_DEFAULTS, type WorkerSettings } from './worker-settings.ts';

/** What the workers of one process need: clients are built by the caller, and closed by it. */
export interface WorkerDeps {
  readonly settings: Settings;
  readonly databases: Databases;
  readonly client: Client;
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** How payloads are written, as `client` has it; as they are when left out. */
  readonly dataConverter?: DataConverter;
  /** What this process runs, and how much of it; all, with the usual sizes, when left out. */
  readonly process?: WorkerSettings;
  /** Who can be told and who is told what; everything to `settings.pagerDuty` when left out. */
  readonly notify?: Pick<Notify, 'notifiers' | 'routes'>;
  /** Where what is done is counted; nowhere when left out. */
  readonly counters?: Counters;
  /** What the watch looks at and how patient it is, for tests; the usual where left out. */
  readonly watch?: { readonly schedules?: readonly WeirSchedule[]; readonly pace?: WatchPace };
}

/** What is still running so long after its activities were cancelled is left to the time-outs of the server. */
const FORCE_AFTER_MS = 10_000;

/**
 * Workflow tasks take milliseconds and wait for nothing; a run that is held for half a day stays in the cache, at well
 * under a megabyte, and is replayed when it had to leave it.
 */
const WORKFLOW_TASKS = {
  maxConcurrentWorkflowTaskExecutions: 40,
  maxCachedWorkflows: 300,
  // What a dead worker had in its cache goes to another one after so long, each run by itself; 10 s are usual.
  stickyQueueScheduleToStartTimeout: '2 seconds',
} as const;

/** The workers of one process, one a queue. */
export interface Workers {
  /** Resolves when all have drained; rejects when one broke, or did not end in the time it has. */
  readonly done: Promise<void>;
  shutdown(): void;
  /** How each is doing now. */
  states(): readonly WorkerState[];
}

/** One worker, as its process sees it. */
export interface WorkerState {
  readonly queue: Queue;
  readonly taskQueue: string;
  readonly state: string;
  /** Whether it still asks the server for work. */
  readonly polls: boolean;
  /** Activities it is at. */
  readonly activities: number;
}

/** Starts the workers of one process; they poll when this resolves. */
export async function startWorkers(deps: WorkerDeps): Promise<Workers> {
  const { settings, process: ours = WORKER_DEFAULTS } = deps;
  const sources = openSources(settings.sourceUrls ?? {});
  const activities = createActivities(activityDeps(deps, sources));
  const workers = await Promise.all(
    ours.queues.map(async (queue) => ({
      queue,
      worker: await Worker.create(await workerOptions(queue, deps, ours, activities)),
    })),
  );
  return {
    done: drained(
      workers.map(({ worker }) => worker),
      sources,
    ),
    shutdown: () => {
      for (const { worker } of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    },
    states: () => workers.map(({ queue, worker }) => stateOf(queue, worker)),
  };
}

function activityDeps(
  { settings, databases, client, namespace, counters, watch, notify }: WorkerDeps,
  sources: Sources,
): ActivityDeps {
  return {
    databases,
    client,
    isRunOpen: createIsRunOpen(client),
    isCurrentRun: createIsCurrentRun(client),
    folders: { modelsFolder: settings.modelsFolder, suitesFolder: settings.suitesFolder },
    landingFolder: settings.landingFolder,
    sourceDatabase: sources.connection,
    environment: settings.environment,
    taskQueue: settings.taskQueue,
    schedules: scheduleBook(client, ALL_SCHEDULES),
    scheduleSights: async () =>
      scheduleSights(client, watch?.schedules ?? (await schedulesOfModels(settings)), settings.taskQueue),
    ...(watch?.pace === undefined ? {} : { watchPace: watch.pace }),
    links: {
      temporalUi: settings.temporalUiUrl,
      namespace,
      ...(settings.repositoryUrl === undefined ? {} : { repositoryUrl: settings.repositoryUrl }),
      ...(settings.catalogueUrl === undefined ? {} : { catalogueUrl: settings.catalogueUrl }),
    },
    heartbeatUrl: settings.heartbeatUrl ?? null,
    notifiers: countDeliveries(notify?.notifiers ?? [createPagerDuty(settings.pagerDuty)], counters),
    ...(notify === undefined ? {} : { routes: notify.routes }),
    ...(settings.look === undefined ? {} : { look: settings.look }),
  };
}

async function schedulesOfModels(folders: RepositoryFolders): Promise<readonly WeirSchedule[]> {
  return schedulesOf((await readGraph(folders)).models);
}

async function workerOptions(
  queue: Queue,
  { settings, connection, namespace, counters, dataConverter = {} }: WorkerDeps,
  ours: WorkerSettings,
  activities: Activities,
): Promise<WorkerOptions> {
  return {
    connection,
    namespace,
    dataConverter,
    identity: `${os.hostname()}:${process.pid}`,
    taskQueue: queueName(settings.taskQueue, queue),
    activities: activitiesOf(queue, activities),
    interceptors: {
      activity: [redactFailure, ownRun, ...(counters ? [countActivities(counters)] : []), activityLog],
    },
    maxConcurrentActivityTaskExecutions: ours.slots[queue],
    shutdownGraceTime: ours.graceMs,
    shutdownForceTime: ours.graceMs + FORCE_AFTER_MS,
    // An activity hears that it was cancelled with the answer to a heartbeat: see activities/heartbeat.ts.
    maxHeartbeatThrottleInterval: '1 second',
    ...(queue === 'workflows'
      ? { ...WORKFLOW_TASKS, workflowBundle: await workflowBundle(dataConverter.failureConverterPath) }
      : {}),
  };
}

/** `<queue>-load` and its siblings have their own; what earlier versions scheduled on the runs' own queue may be any of them. */
function activitiesOf(
  queue: Queue,
  { send, route, recordUndelivered, callHeartbeat, ...all }: Activities,
): Partial<Activities> {
  const { gate, page, ...loading } = all;
  return {
    workflows: all,
    load: loading,
    gate: { gate },
    page: { page, send, route, recordUndelivered, callHeartbeat },
  }[queue];
}

function stateOf(queue: Queue, worker: Worker): WorkerState {
  const { runState, workflowPollerState, activityPollerState, numInFlightActivities } = worker.getStatus();
  const polls =
    activityPollerState === 'POLLING' && (queue !== 'workflows' || workflowPollerState === 'POLLING');
  return {
    queue,
    taskQueue: worker.options.taskQueue,
    state: runState,
    polls: runState === 'RUNNING' && polls,
    activities: numInFlightActivities,
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
