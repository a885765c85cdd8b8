// One worker process: `node workers/main.ts`. It says `worker ready` when it polls, drains on SIGTERM and SIGINT, and
// exits 0 when it has, 3 when it could not run.
import { DefaultLogger, Runtime, type LogMetadata } from '@temporalio/worker';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { followParent } from '../infra/local/follow-parent.ts';
import { openDatabases } from './databases.ts';
import { readSettings } from './settings.ts';
import { connectTemporal } from './temporal.ts';
import { poolSizes } from './queues.ts';
import { connectWorker, startWorkers } from './worker.ts';
import { readWorkerSettings } from './worker-settings.ts';

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const ours = readWorkerSettings(process.env);
  Runtime.install({
    logger: workerLogger(process.env['WEIR_LOG_LEVEL'] === 'debug' ? 'DEBUG' : 'WARN'),
    shutdownSignals: [],
  });
  const databases = openDatabases(settings.databaseUrl, 'weir worker', poolSizes(ours.queues, ours.slots));
  const temporal = await connectTemporal();
  const connection = await connectWorker(loadClientConnectConfig().connectionOptions);
  const workers = await startWorkers({
    settings,
    databases,
    client: temporal.client,
    connection,
    namespace: temporal.namespace,
    process: ours,
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, workers.shutdown);
  // A demo's or test's worker has nobody to serve once its starter is gone.
  if (process.env['WEIR_FOLLOW_PARENT'] !== undefined) followParent();
  process.stdout.write('worker ready\n');
  await workers.done;
  await connection.close();
  await temporal.connection.close();
  await databases.close();
}

/** The page worker runs no workflows, on purpose: a warning at each start would teach people to overlook warnings. */
function workerLogger(level: 'DEBUG' | 'WARN'): DefaultLogger {
  return new DefaultLogger(level, (entry) => {
    if (entry.message.startsWith('No workflows registered')) return;
    process.stderr.write(
      `${new Date(Number(entry.timestampNanos / 1_000_000n)).toISOString()} ${entry.level} ${entry.message} ${logText(entry.meta)}\n`,
    );
  });
}

function logText(meta: LogMetadata | undefined): string {
  return JSON.stringify(meta ?? {}, (_key, value: unknown) =>
    value instanceof Error ? value.message : value,
  );
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`worker stopped: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(3);
  },
);
