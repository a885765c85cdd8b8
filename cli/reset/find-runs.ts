import type { Client } from '@temporalio/client';
import type { RunRef } from '../../activities/run-ref.ts';
import { Failure } from '../exit-codes.ts';

/** A run that may be reset. */
export interface FoundRun extends RunRef {
  /** `hourlyIncrementalLoad`, `backfill`, … */
  readonly workflowType: string;
  /** `FAILED`, `RUNNING`, … */
  readonly status: string;
  /** A reset has put another run in its place, or another has begun since: it is past. */
  readonly past: boolean;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The run that somebody names: a workflow id, or `id/runId`. An id may hold slashes itself.
 *
 * @throws Failure (3) where there is none.
 */
export async function findRun(client: Client, named: string): Promise<FoundRun> {
  const slash = named.lastIndexOf('/');
  const runId = UUID.test(named.slice(slash + 1)) && slash > 0 ? named.slice(slash + 1) : undefined;
  const workflowId = runId === undefined ? named : named.slice(0, slash);
  try {
    const described = await client.workflow.getHandle(workflowId, runId).describe();
    const { type: workflowType, status } = described;
    return { workflowId, runId: described.runId, workflowType, status: status.name, past: false };
  } catch (error) {
    if (!(error instanceof Error && error.name === 'WorkflowNotFoundError')) throw error;
    throw new Failure(`there is no run ${named}: weir runs lists them, and the Temporal UI.`);
  }
}

/**
 * The runs that a List Filter finds, newest first, up to a limit.
 *
 * @returns `more`: whether the limit left some out.
 * @throws Failure (3) with what the server says of the filter.
 */
export async function listRuns(
  client: Client,
  query: string,
  limit: number,
): Promise<{ readonly runs: readonly FoundRun[]; readonly more: boolean }> {
  const runs: FoundRun[] = [];
  try {
    for await (const { workflowId, runId, type: workflowType, status } of client.workflow.list({ query })) {
      if (runs.length === limit) return { runs, more: true };
      const current = await client.workflow.getHandle(workflowId).describe();
      const past = current.runId !== runId;
      runs.push({ workflowId, runId, workflowType, status: status.name, past });
    }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if (!(cause instanceof Error && 'code' in cause && cause.code === 3)) throw error;
    throw new Failure(
      `the server cannot use this query: ${cause.message.replace(/^3 INVALID_ARGUMENT: /, '')}`,
    );
  }
  return { runs, more: false };
}
