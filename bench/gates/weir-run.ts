import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime } from '@temporalio/worker';
import { sql } from 'kysely';
import { startTemporal } from '../../infra/local/temporal.ts';
import { until } from '../../infra/local/until.ts';
import { connect } from '../../workers/temporal.ts';
import { startWorkers } from '../../workers/worker.ts';
import type { BenchDatabase } from './database.ts';
import type { Contestant } from './contestant.ts';
import { asOf } from './fill.ts';
import { inTemporal } from './rows.ts';

/** A contestant that has servers of its own. */
export interface RunContestant extends Contestant {
  stop(): Promise<void>;
}

/**
 * The input gate of stg_transactions in a real run of hourlyIncrementalLoad, over the rows that are in bronze: from the
 * event that schedules the activity to the one that completes it, by Temporal's clock. The run is cancelled then; it
 * publishes nothing, so that the next one reads the same rows.
 */
export async function temporalContestant(
  database: BenchDatabase,
  home: string,
  onProgress: (line: string) => void,
): Promise<RunContestant> {
  quietWorkers();
  await mkdir(join(home, 'landing'), { recursive: true });
  const server = await startTemporal({ databaseFile: null, onProgress });
  const connection = await connect({ address: server.address });
  const client = new Client({ connection, namespace: server.namespace });
  const workerConnection = await NativeConnection.connect({ address: server.address });
  const taskQueue = 'weir-bench';
  const workers = await startWorkers({
    settings: {
      databaseUrl: database.adminUrl,
      landingFolder: join(home, 'landing'),
      ...database.folders,
      environment: 'bench',
      taskQueue,
      temporalUiUrl: server.uiUrl,
      // Nobody is there: every gate passes, so that nothing is paged.
      pagerDuty: { routingKey: 'weirbenchweirbenchweirbenchweirb', server: 'http://127.0.0.1:9' },
    },
    databases: database.databases,
    client,
    connection: workerConnection,
    namespace: server.namespace,
  });
  return {
    name: inTemporal,
    check: async () => {
      const took = await gateSeconds(client, taskQueue);
      await endStaging(database);
      return took;
    },
    stop: async () => {
      workers.shutdown();
      await workers.done;
      await workerConnection.close();
      await connection.close();
      await server.stop();
    },
  };
}

let isQuiet = false;

/** A process can have but one runtime. That a cancelled run's activity is not waited for is no news here. */
function quietWorkers(): void {
  if (isQuiet) return;
  isQuiet = true;
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    shutdownSignals: [],
    telemetryOptions: { logging: { filter } },
  });
}

/** The run has gone on to stage, and what it stages would take the next contestant's processor. */
async function endStaging({ admin }: BenchDatabase): Promise<void> {
  const busy = sql<{ ended: boolean }>`
    select pg_cancel_backend(pid) as ended from pg_stat_activity
    where datname = current_database() and usename = 'weir_loader' and state <> 'idle'`;
  await until(async () => (await busy.execute(admin)).rows.length === 0, {
    timeoutMs: 60_000,
    everyMs: 100,
    what: 'the cancelled run stages no more',
  });
}

async function gateSeconds(client: Client, taskQueue: string): Promise<number> {
  const handle = await client.workflow.start('hourlyIncrementalLoad', {
    taskQueue,
    workflowId: `bench-${randomUUID()}`,
    args: [{ asOf, models: ['stg_transactions'] }],
  });
  try {
    return await until(() => readGateSeconds(handle), {
      timeoutMs: 300_000,
      // Each look costs the server something; the times are its own.
      everyMs: 500,
      what: 'the run’s input gate has ended',
    });
  } finally {
    await handle.cancel();
    // It ends as cancelled, which is an error for whoever waits for its result.
    await handle.result().catch(() => undefined);
  }
}

/** Null until the gate's activity has completed. */
async function readGateSeconds(handle: WorkflowHandle): Promise<number | null> {
  const { events } = await handle.fetchHistory();
  const began = events?.find(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === 'gate',
  );
  const ended = events?.find(
    ({ activityTaskCompletedEventAttributes: completed }) =>
      completed && began && String(completed.scheduledEventId) === String(began.eventId),
  );
  if (!began?.eventTime || !ended?.eventTime) return null;
  return secondsOf(ended.eventTime) - secondsOf(began.eventTime);
}

interface EventTime {
  readonly seconds?: { toString(): string } | null;
  readonly nanos?: number | null;
}

function secondsOf({ seconds, nanos }: EventTime): number {
  return Number(String(seconds ?? 0)) + (nanos ?? 0) / 1e9;
}
