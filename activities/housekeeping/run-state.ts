import type { Client } from '@temporalio/client';
import type { RunRef } from '../run-ref.ts';

/**
 * What became of the workflow that a run belongs to. `failed`: it ended by itself, for one as `GateHeld` when a hold
 * expired, and may be reset to go on. `ended`: it was terminated or cancelled, or is through, or Temporal does not know it
 * any more.
 */
export type RunState = 'open' | 'failed' | 'ended';

/** Asks Temporal, by workflow id alone: after a reset another run of the same workflow carries its work on. */
export async function readRunState(
  client: Client,
  { workflowId }: Pick<RunRef, 'workflowId'>,
): Promise<RunState> {
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    if (status.name === 'RUNNING' || status.name === 'PAUSED') return 'open';
    return status.name === 'FAILED' ? 'failed' : 'ended';
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return 'ended';
    throw error;
  }
}
