import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Client, type Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { inject } from 'vitest';
import { startTemporal } from '../../infra/local/temporal.ts';
import type { LocalTemporal, TemporalOptions } from '../../infra/local/temporal.ts';
import { connect } from '../../workers/temporal.ts';
import { runFolder } from './once.ts';

const { WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND: FORCE_CLOSE_COMMAND } =
  proto.temporal.api.enums.v1.WorkflowTaskFailedCause;

/** A place on the run's Temporal server where nobody else's tasks arrive. */
export interface TestTemporal {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string;
  readonly connection: Connection;
  readonly client: Client;
  /** Unlike any other: also good as a prefix of workflow ids. */
  readonly taskQueue: string;
  close(): Promise<void>;
}

/** Connects to the run's Temporal server, or to another one. Close it when done. */
export async function testTemporal(server?: LocalTemporal): Promise<TestTemporal> {
  const address = server?.address ?? inject('temporalAddress');
  const namespace = server?.namespace ?? inject('temporalNamespace');
  const connection = await connect({ address });
  return {
    address,
    namespace,
    uiUrl: server?.uiUrl ?? inject('temporalUiUrl'),
    connection,
    client: new Client({ connection, namespace }),
    taskQueue: `test-${randomBytes(5).toString('hex')}`,
    close: () => connection.close(),
  };
}

/** A server of one's own with a database file, for tests that stop or kill it. Stop it when done. */
export function ownTemporal(options: Partial<TemporalOptions> = {}): Promise<LocalTemporal> {
  return startTemporal({
    databaseFile: join(runFolder, `temporal-${randomBytes(4).toString('hex')}.db`),
    ...options,
  });
}

/** The workflow tasks of a test that failed, with why: code that a workflow may not run, or that does not replay. */
export async function failedWorkflowTasks({ client, taskQueue }: TestTemporal): Promise<string[]> {
  const failed: string[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query: `TaskQueue = "${taskQueue}"` })) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const event of events ?? []) {
      const attributes = event.workflowTaskFailedEventAttributes;
      // A reset writes a task failure of its own; that one is wanted. UnhandledCommand is none of the workflow's: an
      // event came while it ended.
      // Nor is a task that was out when its run was terminated, as a reset does to a run that goes on.
      if (attributes?.cause === FORCE_CLOSE_COMMAND) continue;
      if (attributes && attributes.newRunId === '' && attributes.failure?.message !== 'UnhandledCommand')
        failed.push(`${workflowId}: ${attributes.failure?.message ?? 'no message'}`);
    }
  }
  return failed;
}

/** Activities and timers of a test whose summary the time line lacks: nobody could tell there what they do. */
export async function withoutSummary({ client, taskQueue }: TestTemporal): Promise<string[]> {
  const silent: string[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query: `TaskQueue = "${taskQueue}"` })) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const { eventId, userMetadata, ...event } of events ?? []) {
      const { activityTaskScheduledEventAttributes: activity, timerStartedEventAttributes: timer } = event;
      if ((activity || timer) && !userMetadata?.summary)
        silent.push(`${workflowId} event ${String(eventId)}: ${activity?.activityType?.name ?? 'timer'}`);
    }
  }
  return silent;
}
