import { WorkflowFailedError, type Client } from '@temporalio/client';
import { temporalReadings } from './readings/temporal.ts';
import type { SentDecision } from './world.ts';

/** How the story starts runs and decides about them: Temporal's client, in the story's words. */
export interface Runs {
  /** Starts a workflow by name, as the UI would, and returns at once. */
  readonly start: (workflow: PipelineName, workflowId: string, asOf: string) => Promise<void>;
  /**
   * Waits for the end of a run.
   *
   * @throws Error with the run's own reason when it failed, or when it has not ended in `RUN_LIMIT_MS`.
   */
  readonly ended: (workflowId: string) => Promise<void>;
  readonly decide: (workflowId: string, update: 'reloadAndRetry', decision: SentDecision) => Promise<void>;
}

export type PipelineName = 'dailyDimensionRefresh' | 'hourlyIncrementalLoad';

/** A run of the sample takes seconds. One that is held where the story expects none would wait half a day. */
const RUN_LIMIT_MS = 120_000;

/** The story's runs over a client. */
export function createRuns(client: Client, taskQueue: string): Runs {
  return {
    start: async (workflow, workflowId, asOf) => {
      await client.workflow.start(workflow, {
        workflowId,
        taskQueue,
        args: [{ asOf }],
        // An id that was used before would answer for another story's run.
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        staticSummary: `as of ${asOf}`,
      });
    },
    ended: async (workflowId) => {
      const limit = AbortSignal.timeout(RUN_LIMIT_MS);
      try {
        await client.withAbortSignal(limit, () => client.workflow.getHandle(workflowId).result());
      } catch (error) {
        if (limit.aborted) throw new Error(await whereItWaits(client, workflowId), { cause: error });
        throw new Error(`Run ${workflowId} failed: ${reasonOf(error)}`, { cause: error });
      }
    },
    decide: async (workflowId, update, { verdictId, reason, by }) => {
      await client.workflow
        .getHandle(workflowId)
        .executeUpdate(update, { args: [{ verdictId, reason, by }] });
    },
  };
}

function reasonOf(error: unknown): string {
  const failure = error instanceof WorkflowFailedError && error.cause ? error.cause : error;
  return failure instanceof Error ? failure.message : String(failure);
}

/** What a run that does not end waits for: its current details, and why its activities are tried again. */
async function whereItWaits(client: Client, workflowId: string): Promise<string> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const tried = (raw.pendingActivities ?? []).map(
    ({ activityType, attempt, lastFailure }) =>
      `${activityType?.name} (attempt ${attempt}): ${lastFailure?.message ?? 'no failure yet'}`,
  );
  const details = await temporalReadings(client)
    .details(workflowId)
    .catch(() => '');
  return [
    `Run ${workflowId} has not ended within ${RUN_LIMIT_MS / 1000} s. What it says, and what it tries:`,
    details,
    ...tried,
  ].join('\n');
}
