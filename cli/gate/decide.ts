import { WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ValueError } from '@temporalio/common';
import { decisionUpdates, type DecisionName } from '../../workflows/decisions.ts';
import { answer } from '../answer.ts';
import type { Connections } from '../connect.ts';
import { exitCodes, Failure, type ExitCode } from '../exit-codes.ts';
import { linkTo } from '../runs/link.ts';
import { findHeld, heldGates } from './held-gates.ts';

/** A decision as it was typed. */
export interface DecisionOrder {
  /** The verdict id, or its first letters. */
  readonly verdict: string;
  readonly reason: string;
  readonly by: string;
  readonly json: boolean;
}

/**
 * Sends a decision to the run that holds a gate, and waits until it is accepted.
 *
 * @throws Failure (3) where no held gate has that verdict, and with what the run says when it refuses.
 */
export async function decide(
  connections: Connections,
  decision: DecisionName,
  { verdict, reason, by, json }: DecisionOrder,
): Promise<ExitCode> {
  const { client, namespace, settings } = connections;
  const { verdictId, workflowId } = findHeld(await heldGates(connections), verdict);
  await requireReadable(client, workflowId);
  const accepted = await client.workflow
    .getHandle(workflowId)
    .executeUpdate(decisionUpdates[decision], { args: [{ verdictId, reason, by }] })
    .catch((error: unknown) => {
      if (!(error instanceof WorkflowUpdateFailedError)) throw error;
      throw new Failure(error.cause?.message ?? error.message);
    });
  const link = linkTo(settings, namespace)(workflowId);
  const told = `${accepted.accepted} accepted for ${accepted.model} (${workflowId})\n`;
  answer(json, { ...accepted, workflowId, link }, () => told);
  process.stderr.write(`what comes of it: ${link}, or weir gate list\n`);
  return exitCodes.done;
}

/**
 * A shell without the run's payload key would send the decision unencrypted, and then not be able to read that it was taken.
 *
 * @throws ValueError that names the key.
 */
async function requireReadable(client: Client, workflowId: string): Promise<void> {
  await client.workflow
    .getHandle(workflowId)
    .query('__temporal_workflow_metadata')
    .catch((error: unknown) => {
      // Whatever else is wrong the update says better.
      if (error instanceof ValueError) throw error;
    });
}
