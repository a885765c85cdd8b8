import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import Long from 'long';
import type { RunRef } from '../../activities/run-ref.ts';
import { redactText } from '../../expectations/redact.ts';

const { ResetReapplyExcludeType, ResetReapplyType } = proto.temporal.api.enums.v1;

/**
 * Resets a run to an event. Signals and updates of the old run are not applied again, as the Temporal UI does unless it
 * is told otherwise: a decision about what was found then says nothing of what is found now.
 *
 * @returns the id of the run that carries on.
 */
export async function resetRun(
  client: Client,
  run: RunRef,
  { eventId, reason }: { readonly eventId: number; readonly reason: string },
): Promise<string> {
  const { runId } = await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId: run.workflowId, runId: run.runId },
    workflowTaskFinishEventId: Long.fromNumber(eventId),
    requestId: randomUUID(),
    // Asked of the server itself, past the client's interceptors, and kept in the history.
    reason: redactText(reason),
    resetReapplyType: ResetReapplyType.RESET_REAPPLY_TYPE_ALL_ELIGIBLE,
    resetReapplyExcludeTypes: [
      ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL,
      ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE,
    ],
  });
  return runId;
}
