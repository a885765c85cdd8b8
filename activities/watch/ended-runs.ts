import type { WorkflowExecutionInfo } from '@temporalio/client';
import { quoted, type LookDeps } from './look.ts';
import { subjectOf, WATCHED_TYPES } from './subjects.ts';

type Asking = Pick<LookDeps, 'client' | 'taskQueue'>;

/** A run that did not end by itself. */
export interface EndedRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  /** What it is called in alarms. */
  readonly subject: string;
  readonly status: 'TERMINATED' | 'TIMED_OUT';
  readonly endedAt: Date;
  /** Whether it was only to look. */
  readonly isDryRun: boolean;
  /** The workflow whose child it was, which tells of it while it is open itself. */
  readonly parentId: string | null;
}

/** How a run ended, as its history's last event says. */
export interface Ending {
  /** A reset or a retry ended it: another run carries on. */
  readonly goesOn: boolean;
  /** Who ended it, as their client calls itself; null where its time was up. */
  readonly by: string | null;
  readonly reason: string | null;
}

/** Under this name the server ends a run that is reset, with the reset's own reason. Tried with server 1.29.1. */
const RESETTER = 'history-resetter';

/** The runs of ours that were terminated or timed out since then, the oldest first. */
export async function findEndedRuns(
  { client, taskQueue }: Asking,
  since: Date,
): Promise<readonly EndedRun[]> {
  const query = [
    `TaskQueue = ${quoted(taskQueue)}`,
    `WorkflowType in (${WATCHED_TYPES.map(quoted).join(', ')})`,
    'ExecutionStatus in ("Terminated", "TimedOut")',
    `CloseTime >= ${quoted(since.toISOString())}`,
  ].join(' and ');
  const found: EndedRun[] = [];
  for await (const info of client.workflow.list({ query })) found.push(...endedRun(info));
  return found.sort((one, other) => one.endedAt.getTime() - other.endedAt.getTime());
}

function endedRun(info: WorkflowExecutionInfo): readonly EndedRun[] {
  const { workflowId, runId, type, closeTime: endedAt, parentExecution } = info;
  const status = info.status.name;
  if ((status !== 'TERMINATED' && status !== 'TIMED_OUT') || endedAt === undefined) return [];
  return [
    {
      workflowId,
      runId,
      type,
      subject: type === 'incident' ? workflowId : subjectOf(type, attributeOf(info, 'WeirPipeline')),
      status,
      endedAt,
      isDryRun: attributeOf(info, 'WeirGateState') === 'dryRun',
      parentId: parentExecution?.workflowId ?? null,
    },
  ];
}

/** A keyword that a run is found by. */
export function attributeOf(
  { typedSearchAttributes }: Pick<WorkflowExecutionInfo, 'typedSearchAttributes'>,
  name: string,
): string | null {
  const value = typedSearchAttributes.getAll().find(({ key }) => key.name === name)?.value;
  return typeof value === 'string' ? value : null;
}

/** Reads how a run ended; null where the server does not have it any more. */
export async function readEnding(
  { client }: Asking,
  { workflowId, runId }: Pick<EndedRun, 'workflowId' | 'runId'>,
): Promise<Ending | null> {
  const { namespace } = client.options;
  const execution = { workflowId, runId };
  try {
    const { workflowExtendedInfo } = await client.workflowService.describeWorkflowExecution({
      namespace,
      execution,
    });
    const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
      namespace,
      execution,
      maximumPageSize: 1,
    });
    const last = history?.events?.[0];
    const ended = last?.workflowExecutionTerminatedEventAttributes;
    const retriedAs = last?.workflowExecutionTimedOutEventAttributes?.newExecutionRunId ?? '';
    const reset = (workflowExtendedInfo?.resetRunId ?? '') !== '' || ended?.identity === RESETTER;
    return {
      goesOn: reset || retriedAs !== '',
      by: ended?.identity ?? null,
      reason: ended?.reason || null,
    };
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** gRPC's NOT_FOUND. @see https://grpc.io/docs/guides/status-codes/ */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === 5;
}

/** Whether a workflow of that id is open now. */
export async function isOpen({ client }: Pick<Asking, 'client'>, workflowId: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING' || status.name === 'PAUSED';
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return false;
    throw error;
  }
}
