import { InterceptingCall, status, type Interceptor, type InterceptorOptions } from '@grpc/grpc-js';
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';

type NextCall = Parameters<Interceptor>[1];

/**
 * What Temporal answers by asking a workflow, and how long each try waits in milliseconds before it is asked again; the
 * last waits as long as its caller and the server do. A schedule is a workflow too: to describe it is a query that the
 * server's own worker answers within milliseconds. A worker of ours may have to replay a history first; after 5 s the
 * server itself looks for an answer that is lost, and after 30 it gives up.
 */
const PATIENCE_MS: ReadonlyMap<string, readonly number[]> = new Map([
  ['/temporal.api.workflowservice.v1.WorkflowService/DescribeSchedule', [2_000, 4_000, 8_000]],
  ['/temporal.api.workflowservice.v1.WorkflowService/QueryWorkflow', [6_000, 12_000]],
]);

/**
 * Asks a query again whose answer does not come. Temporal's server before 1.31 notes that it waits for an answer after it
 * has handed the query out: a worker that is quicker than that answers into nothing, and the caller waits 5 s, or 30 s
 * and fails. The server's own worker of schedules is that quick, on a busy machine once in some hundred times. A query
 * changes nothing, so that asking twice does no harm.
 *
 * A caller's own deadline (`withDeadline`) stays the last word. An abort reaches the first try only, as with the SDK's
 * own retries.
 *
 * @see https://github.com/temporalio/temporal/blob/v1.29.1/service/matching/matching_engine.go `QueryWorkflow`
 */
const askAgain: Interceptor = (options, nextCall) => {
  const patience = PATIENCE_MS.get(options.method_definition.path);
  if (patience === undefined) return new InterceptingCall(nextCall(options));
  const until = options.deadline === undefined ? Infinity : Number(options.deadline);
  let tries = 0;
  const again = makeGrpcRetryInterceptor({
    retryableDecider: (_, ended) =>
      cameLate(ended) && tries <= patience.length && Date.now() < until && isOpen(options, nextCall),
    delayFunction: () => 0,
  });
  return again(options, (asked) => {
    const deadline = Math.min(until, Date.now() + (patience[tries] ?? Infinity));
    tries += 1;
    return nextCall(deadline === Infinity ? asked : { ...asked, deadline });
  });
};

/** A try on a connection that was closed meanwhile would throw where nobody catches. One that is not started costs nothing. */
function isOpen(options: InterceptorOptions, nextCall: NextCall): boolean {
  try {
    nextCall({ ...options, deadline: Infinity });
    return true;
  } catch {
    return false;
  }
}

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
