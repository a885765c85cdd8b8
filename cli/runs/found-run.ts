import { WorkflowFailedError, type Client, type WorkflowExecutionInfo } from '@temporalio/client';
import * as attribute from '../../workflows/search-attributes.ts';

/** A run as Temporal's visibility knows it. */
export interface FoundRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly pipeline: string | null;
  /** `held` and `left` come from its gates, the others from Temporal. */
  readonly state: string;
  /** Its data interval, `[start, end)`, ISO 8601 UTC. */
  readonly interval: { readonly start: string; readonly end: string } | null;
  readonly startedAt: string;
  /** Null while it goes on. */
  readonly endedAt: string | null;
  readonly seconds: number;
  readonly models: readonly string[];
  /** Suites whose gates hold it. */
  readonly failedSuites: readonly string[];
  /** Why it failed, in a sentence; null of all others. */
  readonly failure: string | null;
  readonly link: string;
}

/** What visibility says of a run, and its own description too. */
type Info = Pick<
  WorkflowExecutionInfo,
  'workflowId' | 'runId' | 'type' | 'startTime' | 'status' | 'typedSearchAttributes'
> & {
  readonly closeTime?: Date | undefined;
};

/** Statuses that have a name of their own here. */
const STATES: Readonly<Record<string, string>> = {
  COMPLETED: 'passed',
  CANCELLED: 'cancelled',
  TIMED_OUT: 'failed',
  CONTINUED_AS_NEW: 'continued',
};

/** Reads a run from what visibility answers; why it failed is asked of the run itself. */
export async function readFound(
  client: Client,
  info: Info,
  { linkTo, now }: { readonly linkTo: (workflowId: string, runId: string) => string; readonly now: Date },
): Promise<FoundRun> {
  const { workflowId, runId, startTime, closeTime } = info;
  const attributes = info.typedSearchAttributes;
  const start = attributes.get(attribute.intervalStart);
  const end = attributes.get(attribute.intervalEnd);
  const state = stateOf(info);
  const ended = closeTime ?? now;
  return {
    workflowId,
    runId,
    workflowType: info.type,
    pipeline: attributes.get(attribute.pipeline) ?? null,
    state,
    interval: start && end ? { start: start.toISOString(), end: end.toISOString() } : null,
    startedAt: startTime.toISOString(),
    endedAt: closeTime?.toISOString() ?? null,
    seconds: Math.max(0, Math.round((ended.getTime() - startTime.getTime()) / 1000)),
    models: attributes.get(attribute.models) ?? [],
    failedSuites: attributes.get(attribute.failedSuites) ?? [],
    failure: state === 'failed' ? await failureOf(client, workflowId, runId) : null,
    link: linkTo(workflowId, runId),
  };
}

function stateOf({ status, typedSearchAttributes }: Info): string {
  const gates = typedSearchAttributes.get(attribute.gateState);
  if (status.name === 'RUNNING') return gates === 'held' ? 'held' : 'running';
  if (status.name === 'COMPLETED' && gates === 'left') return 'left';
  return STATES[status.name] ?? status.name.toLowerCase();
}

async function failureOf(client: Client, workflowId: string, runId: string): Promise<string | null> {
  try {
    await client.workflow.getHandle(workflowId, runId, { followRuns: false }).result();
    return null;
  } catch (error) {
    return error instanceof WorkflowFailedError ? innermost(error).message : null;
  }
}

/** What went wrong at the bottom: above it stands that an activity failed. */
export function innermost(error: Error): Error {
  return error.cause instanceof Error ? innermost(error.cause) : error;
}
