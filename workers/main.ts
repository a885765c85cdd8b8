// One worker process: `node workers/main.ts`. It says `worker ready` when it polls, drains on SIGTERM and SIGINT, and
// exits 0 when it has, 1 when something had to be left to another worker, 3 when it could not run.
import { endProcess } from '../infra/local/end-process.mjs';
import { flushCompileCache } from 'node:module';
import {
  GracefulShutdownPeriodExpiredError,
  makeTelemetryFilterString,
  Runtime,
  type Logger,
  type RuntimeOptions,
} from '@temporalio/worker';
import { log } from '@temporalio/activity';
import { sql } from 'kysely';
import type { Databases } from '../activities/databases.ts';
import { followParent } from '../infra/local/follow-parent.ts';
import { openDatabases } from './databases.ts';
import { serveHealth, type Dependency, type HealthServer } from './health.ts';
import { createLogger, readLogSettings } from './log.ts';
import { keepMonitor, type Monitor } from './monitor.ts';
import { startMetrics, type Metrics } from './metrics.ts';
import { readNotify, type Notify } from './notify/notify.ts';
import { poolSizes } from './queues.ts';
import { readSettings } from './settings.ts';
import { reachTemporal } from './reach-temporal.ts';
import type { TemporalClient } from './temporal.ts';
import { readWorkerSettings, type WorkerSettings } from './worker-settings.ts';
import { startWorkers, type Workers } from './worker.ts';

/** As the SDK has it where nobody says. */
const CORE_LOGS = makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' });

async function main(): Promise<number> {
  const settings = readSettings(process.env);
  const ours = readWorkerSettings(process.env);
  const logger = createLogger(readLogSettings(process.env, process.stderr.isTTY));
  const notify = await whoIsTold(logger);
  const metrics = await installRuntime(ours.metricsPort, logger);
  const health = ours.healthPort === null ? null : await serveHealth(ours.healthPort);
  if (health) process.stdout.write(`health at http://localhost:${health.port}\n`);
  const databases = openDatabases(settings.databaseUrl, 'weir worker', poolSizes(ours.queues, ours.slots));
  metrics?.read(settings.databaseUrl, {
    folders: settings,
    log: (level, message, about) => logger.log(level, message, { ...about }),
  });
  const temporal = await reachTemporal();
  const workers = await startWorkers({
    settings,
    databases,
    client: temporal.client,
    connection: temporal.native,
    namespace: temporal.namespace,
    ...(temporal.dataConverter === undefined ? {} : { dataConverter: temporal.dataConverter }),
    process: ours,
    notify,
    ...(metrics === null ? {} : { counters: metrics.counters }),
  });
  const monitor = startMonitor(ours, settings.taskQueue, temporal.client, logger);
  drainOnSignal(workers, health, monitor);
  // A demo's or test's worker has nobody to serve once its starter is gone.
  if (process.env['WEIR_FOLLOW_PARENT'] !== undefined) followParent();
  health?.watch(dependencies(databases, temporal), workers.states);
  health?.phase('running');
  process.stdout.write('worker ready\n');
  // Written at a process's end otherwise, and one that is killed has none.
  flushCompileCache();
  const code = await ended(workers);
  await monitor?.stop();
  health?.phase('stopped');
  if (code !== 0) return code;
  await temporal.native.close();
  await temporal.connection.close();
  await databases.close();
  await health?.close();
  await metrics?.close();
  return code;
}

/** @throws Error for a routing file or a secret that cannot be used: a worker that could tell nobody does not start. */
async function whoIsTold(logger: Logger): Promise<Notify> {
  const notify = await readNotify(process.env, (message, fields) => log.info(message, { ...fields }));
  for (const warning of notify.warnings) logger.warn(warning);
  return notify;
}

/** Who serves the runs of the installation sees to it that the monitor is one of them. */
function startMonitor(
  { monitor, queues }: WorkerSettings,
  taskQueue: string,
  client: TemporalClient['client'],
  logger: Logger,
): Monitor | null {
  if (!monitor || !queues.includes('workflows')) return null;
  return keepMonitor({ client, taskQueue, log: (level, message) => logger[level](message) });
}

/** Temporal's runtime, with what it and Weir count where a port is set for it. */
async function installRuntime(metricsPort: number | null, logger: Logger): Promise<Metrics | null> {
  const options: RuntimeOptions = {
    logger,
    shutdownSignals: [],
    // The SDK's core would write to stderr by itself, past what keeps values out of log lines.
    telemetryOptions: { logging: { forward: {}, filter: CORE_LOGS } },
  };
  if (metricsPort === null) {
    Runtime.install(options);
    return null;
  }
  const metrics = await startMetrics(metricsPort, options);
  process.stdout.write(`metrics at http://localhost:${metrics.port}/metrics\n`);
  return metrics;
}

function drainOnSignal(workers: Workers, health: HealthServer | null, monitor: Monitor | null): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      health?.phase('draining');
      void monitor?.stop();
      workers.shutdown();
    });
}

/** @returns 1 where an activity did not end in time: its attempt times out on the server, and another worker has it then. */
async function ended(workers: Workers): Promise<number> {
  try {
    await workers.done;
    return 0;
  } catch (error) {
    if (!(error instanceof GracefulShutdownPeriodExpiredError)) throw error;
    process.stderr.write(
      'worker stopped: not everything ended in the time there was; another worker goes on with it.\n',
    );
    return 1;
  }
}

function dependencies(
  { loader }: Databases,
  { connection, namespace }: TemporalClient,
): readonly Dependency[] {
  return [
    { name: 'postgres', ask: () => sql`select 1`.execute(loader) },
    {
      name: 'temporal',
      ask: () =>
        connection.withDeadline(Date.now() + 2_000, () =>
          connection.workflowService.describeNamespace({ namespace }),
        ),
    },
  ];
}

main().then(endProcess, (error: unknown) => {
  process.stderr.write(`worker stopped: ${error instanceof Error ? error.message : String(error)}\n`);
  endProcess(3);
});
