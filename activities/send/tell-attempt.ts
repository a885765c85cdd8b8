import type { Client } from '@temporalio/client';

/** Name of the signal that tells the `incident` workflow of an attempt that failed. */
export const ATTEMPT_SIGNAL = 'attemptFailed';

/** An attempt that failed and is not the last: Temporal tells a workflow only how its activities end. */
export interface FailedAttempt {
  readonly eventId: string;
  readonly receiver: string;
  readonly attempt: number;
  /** What was answered, in a sentence free of secrets. */
  readonly answer: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly nextAt: string;
}

/** A page does not wait for it. */
const DEADLINE_MS = 2_000;

/** Shows an attempt in the details of its incident, as well as that goes. Never throws. */
export async function tellAttempt(
  client: Client | null,
  run: { readonly workflowId: string; readonly runId: string },
  attempt: FailedAttempt,
): Promise<void> {
  if (client === null) return;
  try {
    await client.withDeadline(Date.now() + DEADLINE_MS, () =>
      client.workflow.getHandle(run.workflowId, run.runId).signal(ATTEMPT_SIGNAL, attempt),
    );
  } catch {
    // The run has ended, or the server is away: the answer stands with the activity too.
  }
}
