import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker';
import { createPagerDuty } from '../../activities/notifiers/pagerduty.ts';
import type { Notifier } from '../../activities/notifiers/notifier.ts';
import { createSend, type SendDeps } from '../../activities/send.ts';
import { startStandIn, type StandIn } from '../../infra/pagerduty/stand-in.ts';
import { requestStandIn, type IncidentJson } from '../infra/pagerduty/request.ts';
import { failedWorkflowTasks, testTemporal, type TestTemporal } from '../setup/temporal.ts';

// Attempts that fail are what these tests are about: their warnings would hide a real one.
Runtime.install({ logger: new DefaultLogger('ERROR') });

/** A pager of a test's own: Temporal, the incident workflow, the real pdjs and a stand-in that can fail. */
export interface TestPager {
  readonly temporal: TestTemporal;
  readonly standIn: StandIn;
  fail(failure: object): Promise<void>;
  mend(): Promise<void>;
  incidents(dedupKey?: string): Promise<IncidentJson[]>;
  /** Actions and dedup keys in the order the service took them. */
  taken(): Promise<string[]>;
  /** Starts the workers of workflows and of pages. */
  start(): Promise<void>;
  stopWorkers(): Promise<void>;
  /** Stops everything and asserts that no workflow task failed: a wedged workflow would only look slow. */
  close(): Promise<void>;
}

/** The secret of the stand-in's receiver. */
export const ROUTING_KEY = 'a-key-of-thirty-two-characters-a';
/** Shorter than the service's patience in the tests that make it hang. */
const NOTIFIER_TIMEOUT_MS = 2_000;

/** Who is told beside the stand-in, by which routes, and where deliveries are written down. */
export interface TestPagerOptions extends Omit<SendDeps, 'notifiers' | 'client'> {
  readonly beside?: readonly Notifier[];
  /** How long an attempt at the stand-in may take: short where tests make it hang. */
  readonly timeoutMs?: number;
}

/** Starts one, with the stand-in as receiver `pagerduty`; workers wait for `start`. */
export async function testPager({
  beside = [],
  timeoutMs = NOTIFIER_TIMEOUT_MS,
  ...deps
}: TestPagerOptions = {}): Promise<TestPager> {
  const [temporal, standIn] = await Promise.all([testTemporal(), startStandIn({ callsPerMinute: 100_000 })]);
  const bundle = await bundleWorkflowCode({
    workflowsPath: new URL('../../workflows/incident.ts', import.meta.url).pathname,
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error },
  });
  const notifier = createPagerDuty({
    routingKey: ROUTING_KEY,
    server: standIn.server,
    ca: standIn.ca,
    timeoutMs,
  });
  const running = workersOf(
    temporal,
    bundle,
    createSend({ notifiers: [notifier, ...beside], client: temporal.client, ...deps }),
  );
  const get = async <Body>(path: string) => (await requestStandIn<Body>(standIn, 'GET', path)).body;
  return {
    temporal,
    standIn,
    fail: async (failure) => void (await requestStandIn(standIn, 'POST', '/api/failures', failure)),
    mend: async () => void (await requestStandIn(standIn, 'DELETE', '/api/failures')),
    incidents: async (dedupKey) => {
      const query = dedupKey === undefined ? '' : `?dedup_key=${encodeURIComponent(dedupKey)}`;
      return (await get<{ incidents: IncidentJson[] }>(`/api/incidents${query}`)).incidents;
    },
    taken: async () => {
      const { requests } = await get<{
        requests: { status: number | null; event_action: string; dedup_key: string }[];
      }>('/api/requests');
      return requests
        .filter(({ status }) => status === 202)
        .map((one) => `${one.event_action} ${one.dedup_key}`);
    },
    start: running.start,
    stopWorkers: running.stop,
    close: async () => {
      const failed = await failedWorkflowTasks(temporal);
      await running.stop();
      await Promise.all([standIn.stop(), temporal.close()]);
      if (failed.length > 0) throw new Error(`workflow tasks failed: ${failed.join('; ')}`);
    },
  };
}

function workersOf(
  { address, namespace, taskQueue }: TestTemporal,
  workflowBundle: WorkflowBundle,
  activities: object,
) {
  let stopRunning: (() => Promise<void>) | null = null;
  return {
    start: async () => {
      const connection = await NativeConnection.connect({ address });
      const common = { connection, namespace };
      const workers = await Promise.all([
        Worker.create({ ...common, taskQueue, workflowBundle }),
        Worker.create({ ...common, taskQueue: `${taskQueue}-page`, activities }),
      ]);
      const done = Promise.all(workers.map((worker) => worker.run()));
      stopRunning = async () => {
        for (const worker of workers) worker.shutdown();
        await done;
        await connection.close();
      };
    },
    stop: async () => {
      await stopRunning?.();
      stopRunning = null;
    },
  };
}
