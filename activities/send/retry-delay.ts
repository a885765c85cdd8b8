/** The longest wait that a service has not asked for itself. */
const LONGEST_MS = 10 * 60_000;

/** What the next attempt waits for. */
export interface RetryAsk {
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  /** The wait after the first. */
  readonly firstMs: number;
  /** What the service asked for; null: nothing. */
  readonly retryAfterMs: number | null;
  /** From 0 to 1. */
  readonly random: number;
}

/**
 * How long to wait for the next attempt, milliseconds: what the service asked for and up to a fifth more, else the
 * double of the last wait, at most ten minutes, of which up to a half is taken away at random. Temporal's own back-off
 * has no jitter: forty incidents that failed in one second would be back in one second.
 *
 * @see https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export function retryDelayMs({ attempt, firstMs, retryAfterMs, random }: RetryAsk): number {
  if (retryAfterMs !== null) return Math.round(retryAfterMs * (1 + random / 5));
  const most = Math.max(firstMs, LONGEST_MS);
  return Math.round(Math.min(firstMs * 2 ** Math.min(attempt - 1, 30), most) * (1 - random / 2));
}
