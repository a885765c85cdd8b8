import { InterceptingCall, status, type Interceptor } from '@grpc/grpc-js';
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';

/** What Temporal answers by asking a workflow. A schedule is one too, so to describe it is a query. */
const QUERIES: ReadonlySet<string> = new Set(
  ['DescribeSchedule', 'QueryWorkflow'].map(
    (call) => `/temporal.api.workflowservice.v1.WorkflowService/${call}`,
  ),
);

/**
 * How long the first tries wait for an answer; the last waits as long as its caller and the server do. An answer that
 * comes at all comes in milliseconds; the server itself looks for one that is lost after 5 s, and gives up after 30.
 */
const PATIENCE_MS = [2_000, 4_000, 8_000] as const;

/**
 * Asks a query again whose answer does not come. Temporal's server before 1.31 notes that it waits for an answer after it
 * has handed the query out: a worker that is quicker than that answers into nothing, and the caller waits 5 s, or 30 s
 * and fails. The server's own worker of schedules is that quick, on a busy machine once in some hundred times. A query
 * changes nothing, so that asking twice does no harm.
 *
 * A caller's own deadline (`withDeadline`) stays the last word.
 *
 * @see https://github.com/temporalio/temporal/blob/v1.29.1/service/matching/matching_engine.go `QueryWorkflow`
 */
const askAgain: Interceptor = (options, nextCall) => {
  if (!QUERIES.has(options.method_definition.path)) return new InterceptingCall(nextCall(options));
  const until = options.deadline === undefined ? Infinity : Number(options.deadline);
  let tries = 0;
  const again = makeGrpcRetryInterceptor({
    retryableDecider: (attempt, ended) =>
      cameLate(ended) && attempt <= PATIENCE_MS.length && Date.now() < until,
    delayFunction: () => 0,
  });
  return again(options, (asked) => {
    const patience = PATIENCE_MS[tries] ?? Infinity;
    tries += 1;
    const deadline = Math.min(until, Date.now() + patience);
    return nextCall(deadline === Infinity ? asked : { ...asked, deadline });
  });
};

/** Where the server sees first that the time is up it breaks the call off, which is another status. */
function cameLate({ code, details }: { readonly code: status; readonly details: string }): boolean {
  return (
    code === status.DEADLINE_EXCEEDED || (code === status.CANCELLED && details !== 'Cancelled on client')
  );
}

/** What every connection of a client is made with: the SDK's own retries, and queries whose answer was lost. */
export const CLIENT_INTERCEPTORS: readonly Interceptor[] = [
  makeGrpcRetryInterceptor(defaultGrpcRetryOptions()),
  askAgain,
];
