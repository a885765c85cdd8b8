import {
  ApplicationFailure,
  ContinueAsNew,
  patched,
  TemporalFailure,
  type WorkflowInterceptorsFactory,
} from '@temporalio/workflow';
import { isError } from './is-error.ts';
import { redaction } from './redaction.ts';

/**
 * Makes a fault in workflow code a failed run, and not one that looks as if it were running for ever: what is no
 * failure of Temporal's fails the run as `Bug`, or the update that met it.
 *
 * Not so while a history is replayed that knows of no such end: then the code is what changed, the task fails and is
 * tried again, and the run goes on with code that it can go on with. See docs/decisions/023-workers.md.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  inbound: [
    ...redaction.inbound,
    {
      execute: (input, next) => endingInBug(() => next(input)),
      handleSignal: (input, next) => endingInBug(() => next(input)),
      handleUpdate: async (input, next) => {
        try {
          return await next(input);
        } catch (error) {
          throw isFailure(error) ? error : bug(error);
        }
      },
    },
  ],
  outbound: redaction.outbound,
});

async function endingInBug<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isFailure(error) || !patched('bug-ends-the-run')) throw error;
    throw bug(error);
  }
}

function isFailure(error: unknown): boolean {
  return error instanceof TemporalFailure || error instanceof ContinueAsNew;
}

function bug(error: unknown): ApplicationFailure {
  const what = isError(error) ? `${error.name}: ${error.message}` : String(error);
  return ApplicationFailure.create({
    type: 'Bug',
    nonRetryable: true,
    message: `A fault in workflow code, not in the data: ${what}. Mend the code, deploy it, and reset the run to where it was.`,
    ...(isError(error) ? { cause: error } : {}),
  });
}
