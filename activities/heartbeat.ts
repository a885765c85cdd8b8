import { Context } from '@temporalio/activity';

const shortestIntervalMs = 200;
const intervalWithoutTimeoutMs = 10_000;

/** An activity hears of its cancellation with the answer to a heartbeat: this is how long a cancelled query goes on. */
const longestIntervalMs = 1000;

function currentContext(): Context | null {
  try {
    return Context.current();
  } catch {
    return null; // Context.current() throws outside of an activity, which is how tests and the CLI call these functions.
  }
}

/**
 * Runs `work` and heartbeats beside it, so that a worker that died is noticed after one heartbeat timeout and not
 * after the whole activity's, and a cancellation within a second. The interval is at most a third of the heartbeat
 * timeout: one lost heartbeat is no failure.
 *
 * Whatever `work` fails with once the activity is cancelled (a query that was stopped, say) comes out as its
 * cancellation: a run that somebody cancelled has not failed.
 *
 * Outside of an activity it just runs `work`.
 *
 * @param work gets the signal that is aborted when the activity is cancelled or has timed out.
 */
export async function withHeartbeat<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = currentContext();
  if (context === null) return work(new AbortController().signal);

  const timeoutMs = context.info.heartbeatTimeoutMs;
  const intervalMs =
    timeoutMs === undefined ? intervalWithoutTimeoutMs : Math.min(timeoutMs / 3, longestIntervalMs);
  const timer = setInterval(() => context.heartbeat(), Math.max(shortestIntervalMs, intervalMs));
  try {
    return await work(context.cancellationSignal);
  } catch (error) {
    if (context.cancellationSignal.aborted) await context.cancelled;
    throw error;
  } finally {
    clearInterval(timer);
  }
}
