import { ApplicationFailure, setCurrentDetails, type WorkflowInterceptors } from '@temporalio/workflow';
import { redactJson, redactText } from '../expectations/redact.ts';
import { isError } from './is-error.ts';

/**
 * The last of what keeps personal data out of history: summaries, results and failures of workflows leave without what
 * looks like a card number, an e-mail address or a phone number. None of it is compared when a history is replayed.
 */
export const redaction = {
  inbound: [
    {
      execute: async (input, next) => {
        try {
          return redactJson(await next(input));
        } catch (error) {
          redactFailure(error);
          throw error;
        }
      },
      handleUpdate: async (input, next) => {
        try {
          return redactJson(await next(input));
        } catch (error) {
          redactFailure(error);
          throw error;
        }
      },
    },
  ],
  outbound: [
    {
      scheduleActivity: (input, next) => next({ ...input, options: withSummary(input.options) }),
      scheduleLocalActivity: (input, next) => next({ ...input, options: withSummary(input.options) }),
      startTimer: (input, next) =>
        next(input.options === undefined ? input : { ...input, options: withSummary(input.options) }),
    },
  ],
} satisfies WorkflowInterceptors;

/** What the Temporal UI shows of a workflow, without what looks personal. Queries for it pass no interceptor. */
export function showDetails(markdown: string): void {
  setCurrentDetails(redactText(markdown));
}

function withSummary<Options extends { readonly summary?: string }>(options: Options): Options {
  return options.summary === undefined ? options : { ...options, summary: redactText(options.summary) };
}

/** In place: how Temporal treats a failure hangs on what it is. What activities threw has been redacted by their workers. */
function redactFailure(error: unknown): void {
  if (!isError(error)) return;
  const { message } = error;
  error.message = redactText(message);
  if (error.stack !== undefined) error.stack = redactText(error.stack);
  if (error instanceof ApplicationFailure && Array.isArray(error.details))
    Object.assign(error, { details: error.details.map((one) => redactJson(one)) });
  if (isError(error.cause)) redactFailure(error.cause);
}
