import {
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';

/** The one monitor of a namespace, as the installation's schedules are. */
export const MONITOR_ID = 'freshness-monitor';

/** What keeps the monitor running. */
export interface MonitorOrder {
  readonly client: Client;
  readonly taskQueue: string;
  /** Where it says what it did; `warn` where something was not as it should be. */
  readonly log: (level: 'info' | 'warn', message: string) => void;
  /** Another than the usual, for tests that share a namespace. */
  readonly workflowId?: string;
  /** What it is started with the first time, for tests. */
  readonly input?: object;
  /** How often it is looked after, milliseconds. */
  readonly everyMs?: number;
}

/** Looks after the monitor until it is stopped; the monitor goes on. */
export interface Monitor {
  stop(): Promise<void>;
}

const EVERY_MS = 60_000;

/** At this attempt of its workflow task it stands still: the fifth comes after half a minute. */
const STUCK_FROM_ATTEMPT = 5;

/**
 * Looks now and every minute that the monitor runs, and starts it where it does not. However many workers do so, there is
 * one: it is started by its workflow id, and joined where it runs.
 */
export function keepMonitor(order: MonitorOrder): Monitor {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const look = async (): Promise<void> => {
    try {
      await ensureMonitor(order);
    } catch (error) {
      order.log(
        'warn',
        `the monitor could not be looked after: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    if (!isStopped) timer = setTimeout(() => void (last = look()), order.everyMs ?? EVERY_MS);
  };
  let last = look();
  return {
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await last;
    },
  };
}

/** Starts the monitor where it does not run, and anew where it stands still. @returns what it did; null: nothing. */
export async function ensureMonitor(order: MonitorOrder): Promise<'started' | 'begun anew' | null> {
  const { client, taskQueue, log, workflowId = MONITOR_ID, input } = order;
  const found = await describeMonitor(client, workflowId);
  if (found?.status.name === 'PAUSED') return null;
  if (found?.status.name === 'RUNNING') {
    if (found.taskQueue !== taskQueue) {
      log(
        'warn',
        `the monitor ${workflowId} runs on the task queue ${found.taskQueue}, not on ${taskQueue}: this installation is not watched`,
      );
      return null;
    }
    const attempt = found.raw.pendingWorkflowTask?.attempt ?? 0;
    if (attempt < STUCK_FROM_ATTEMPT) return null;
    log('warn', `the monitor stands still, its workflow task is at attempt ${attempt}: it is begun anew`);
    await endStuck(client, found, attempt);
  }
  // That of another queue knows of another database's pages.
  const carried = found?.taskQueue === taskQueue ? await inputOf(client, found) : input;
  await client.workflow.start('freshnessMonitor', {
    workflowId,
    taskQueue,
    args: carried === undefined ? [] : [carried],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    // Another worker was first.
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: 'watches objectives and what fails without saying so, every minute',
  });
  log(
    'info',
    found === null
      ? 'the monitor is started'
      : `the monitor had ended (${found.status.name}) and is begun anew`,
  );
  return found === null ? 'started' : 'begun anew';
}

/** What the server says of the monitor; null where it never ran, or so long ago that nobody knows. */
export async function describeMonitor(
  client: Client,
  workflowId: string = MONITOR_ID,
): Promise<WorkflowExecutionDescription | null> {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** By its run, so that one that another worker has just begun goes on. */
async function endStuck(
  client: Client,
  { workflowId, runId }: WorkflowExecutionDescription,
  attempt: number,
): Promise<void> {
  try {
    await client.workflow
      .getHandle(workflowId, runId)
      .terminate(`its workflow task failed ${attempt - 1} times: a worker begins it anew`);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/**
 * What the run that ended was started with, for the one that takes its place: what on-call has been told of, above all. Not
 * of one that could not use it. Whether on-call believes that Postgres is away is known to that run alone.
 */
async function inputOf(client: Client, ended: WorkflowExecutionDescription): Promise<object | undefined> {
  if (ended.status.name === 'FAILED' && (await refusedItsInput(client, ended))) return undefined;
  const { workflowId, runId } = ended;
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
  const [given] = await decodeArrayFromPayloads(client.options.loadedDataConverter, payloads ?? []);
  const input = isObject(given) ? given : {};
  const carried = 'carried' in input && isObject(input.carried) ? input.carried : null;
  const unknown = { rounds: 0, since: null, paged: null };
  if (carried === null) return input;
  // Pages of an hour ago would be told as news: what is still so is found again.
  const kept = Object.fromEntries(Object.entries(carried).filter(([name]) => name !== 'atOnce'));
  return { ...input, carried: { ...kept, unreachable: unknown } };
}

async function refusedItsInput(
  client: Client,
  { workflowId, runId }: WorkflowExecutionDescription,
): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId, runId, { followRuns: false }).result();
    return false;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return error.cause instanceof ApplicationFailure && error.cause.type === 'InvalidInput';
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
