import { cutText } from './cut.ts';
import type { Delivery } from './notifier.ts';

/** "Preferably with a backoff of a few minutes." @see https://developer.pagerduty.com/docs/events-api-v2-overview */
const THROTTLED_RETRY_MS = 3 * 60_000;
const LONGEST_RETRY_MS = 3_600_000;

/** The same event will be refused for ever: the service has read it, or will never read so much. */
const FINAL: readonly number[] = [400, 413];
/** Nothing is wrong with the event: who mends the receiver within the day has lost none. */
const WRONG_RECEIVER: readonly number[] = [401, 403, 404, 410];

/** What a service answered. */
export interface Answer {
  readonly status: number;
  /** The header `Retry-After` as it came. */
  readonly retryAfter: string | null;
  /** Whether it is in the service's own words: a page of HTML is some proxy's, whatever its status. */
  readonly isOwn: boolean;
  /** Whether the event is taken. */
  readonly isTaken: boolean;
  /** What the service says is wrong, free of secrets; null: nothing. */
  readonly said: string | null;
}

/**
 * What an answer means for the next attempt, the same for every service: 400 and 413 are final; 429 and 5xx wait as long
 * as they say; a wrong key or address, a redirect (which is not followed) and what a proxy says are tried again, because
 * a person can mend them and the event is right.
 *
 * @param service its name in sentences: `Slack`.
 */
export function judge(service: string, dedupKey: string, answer: Answer): Delivery {
  const { status, isOwn, isTaken, said } = answer;
  if (isTaken) return { delivered: true, status, dedupKey };
  const not = { delivered: false as const, status, dedupKey };
  if (status === 413 || (isOwn && FINAL.includes(status))) {
    const reason = `${service} refused the event for good: ${cutText(said ?? `it answered ${status}`, 1_000)}`;
    return { ...not, retry: false, retryAfterMs: null, reason };
  }
  const asked = readRetryAfter(answer.retryAfter);
  if (status === 429) {
    const reason = `${service} answered 429: too many events for this receiver.`;
    return { ...not, retry: true, retryAfterMs: asked ?? THROTTLED_RETRY_MS, reason };
  }
  const retryAfterMs = status >= 500 ? asked : null;
  return { ...not, retry: true, retryAfterMs, reason: `${service} answered ${status}${why(answer)}.` };
}

function why({ status, isOwn }: Answer): string {
  if (status >= 300 && status < 400) return ', a redirect, which is not followed';
  if (WRONG_RECEIVER.includes(status)) return ': look at the key or address of this receiver';
  return isOwn ? '' : ' with something that is not its answer';
}

/** Seconds or an HTTP date, as milliseconds; null where it is neither. @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function readRetryAfter(value: string | null): number | null {
  if (value === null || value.trim() === '') return null;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), LONGEST_RETRY_MS);
}

/** How an attempt without an answer ended. */
export interface Ending {
  readonly cancelled: AbortSignal;
  readonly timedOut: AbortSignal;
  readonly timeoutMs: number;
}

/** An attempt that met no answer: another is always worth it. */
export function unanswered(service: string, dedupKey: string, error: unknown, ending: Ending): Delivery {
  const not = { delivered: false as const, status: null, dedupKey, retry: true, retryAfterMs: null };
  if (ending.cancelled.aborted) return { ...not, reason: 'The attempt was cancelled.' };
  if (ending.timedOut.aborted)
    return { ...not, reason: `${service} did not answer within ${ending.timeoutMs} ms.` };
  return { ...not, reason: `${service} could not be reached (${codeOf(error)}).` };
}

/** The error's code only: its message names host and path, and may quote what was sent. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  for (const one of [error, error.cause]) {
    const code: unknown = one instanceof Error ? Reflect.get(one, 'code') : null;
    if (typeof code === 'string') return code;
  }
  return error.name;
}
