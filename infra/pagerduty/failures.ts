import { isFields } from './events-api.ts';

const MODES = ['429', '500', 'slow', 'hang', 'cut', 'html'] as const;

/** How the stand-in fails: an answer of its own, a late one, none at all, a closed connection, a page of HTML. */
export type FailureMode = (typeof MODES)[number];

/** A failure that was asked for. Without `until` it is good for `times` requests. */
export interface Failure {
  readonly mode: FailureMode;
  times: number;
  /** Epoch milliseconds; null: only `times` counts. */
  readonly until: number | null;
  /** Whether the event is taken although the answer fails: the answer was lost, not the event. */
  readonly accept: boolean;
  /** Seconds, sent with a 429. */
  readonly retryAfter: number | null;
  /** Milliseconds that `slow` waits. */
  readonly delayMs: number;
  /** The status that `html` and `500` answer with. */
  readonly status: number;
}

/**
 * Reads `{mode, times?, until?, accept?, retryAfter?, delayMs?, status?}`.
 *
 * @returns the failure, or a sentence that says what is wrong.
 */
export function readFailure(body: unknown): Failure | string {
  if (!isFields(body)) return 'give a JSON object, like {"mode": "500", "times": 2}';
  const mode = MODES.find((known) => known === body['mode']);
  if (mode === undefined) return `mode must be one of ${MODES.join(', ')}`;
  const until = body['until'];
  const untilMs = typeof until === 'string' ? Date.parse(until) : null;
  if (untilMs !== null && Number.isNaN(untilMs)) return 'until must be an ISO 8601 time';
  return {
    mode,
    until: untilMs,
    times: untilMs === null ? number(body['times'], 1) : Number.POSITIVE_INFINITY,
    accept: body['accept'] === true || mode === 'slow',
    retryAfter: typeof body['retryAfter'] === 'number' ? body['retryAfter'] : null,
    delayMs: number(body['delayMs'], 3_000),
    status: number(body['status'], mode === 'html' ? 502 : 500),
  };
}

/** Takes the failure that the next request meets, if one is due. */
export function takeFailure(planned: Failure[], now: number): Failure | null {
  while (planned[0] && (planned[0].times <= 0 || (planned[0].until ?? now) < now)) planned.shift();
  const due = planned[0];
  if (!due) return null;
  due.times -= 1;
  return due;
}

function number(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value > 0 ? value : otherwise;
}
