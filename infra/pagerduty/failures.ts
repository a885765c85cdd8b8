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
  /** Of the requests that it could meet the share that it does, 0 to 1, drawn by `seed`; null: all. */
  readonly share: number | null;
  /** What is drawn next; the same seed draws the same requests. */
  draw: number;
  /** Whether the event is taken although the answer fails: the answer was lost, not the event. */
  readonly accept: boolean;
  /** Seconds or an HTTP date, sent with a 429 and with `500`. */
  readonly retryAfter: number | string | null;
  /** Milliseconds that `slow` waits. */
  readonly delayMs: number;
  /** The status that `html` and `500` answer with. */
  readonly status: number;
}

/**
 * Reads `{mode, times?, until?, share?, seed?, accept?, retryAfter?, delayMs?, status?}`. A failure with a `share` and
 * neither `times` nor `until` stays until it is taken back.
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
  const share = typeof body['share'] === 'number' ? body['share'] : null;
  if (share !== null && !(share > 0 && share <= 1)) return 'share must be above 0 and at most 1';
  return {
    mode,
    until: untilMs,
    times: number(body['times'], untilMs === null && share === null ? 1 : Number.POSITIVE_INFINITY),
    share,
    draw: number(body['seed'], 1),
    accept: body['accept'] === true || mode === 'slow',
    retryAfter: readRetryAfter(body['retryAfter']),
    delayMs: number(body['delayMs'], 3_000),
    status: number(body['status'], mode === 'html' ? 502 : 500),
  };
}

/** Takes the failure that the next request meets, if one is due. */
export function takeFailure(planned: Failure[], now: number): Failure | null {
  const over = ({ times, until }: Failure): boolean => times <= 0 || (until ?? now) < now;
  while (planned[0] && over(planned[0])) planned.shift();
  for (const due of planned) {
    if (over(due)) continue;
    if (due.share !== null && drawn(due) >= due.share) continue;
    due.times -= 1;
    return due;
  }
  return null;
}

/** The next number of a seed, 0 to 1. @see https://en.wikipedia.org/wiki/Xorshift (32 bits) */
function drawn(failure: Failure): number {
  let bits = (failure.draw ^ 0x9e3779b9) | 0;
  bits ^= bits << 13;
  bits ^= bits >>> 17;
  bits ^= bits << 5;
  failure.draw = (bits ^ 0x9e3779b9) | 0;
  return (bits >>> 0) / 2 ** 32;
}

function readRetryAfter(value: unknown): number | string | null {
  return typeof value === 'number' || typeof value === 'string' ? value : null;
}

function number(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value > 0 ? value : otherwise;
}
