import { randomUUID } from 'node:crypto';
import { Agent } from 'node:https';
import { event as post } from '@pagerduty/pdjs';
import { cutDedupKey } from '../page/dedup-key.ts';
import { cutDetails, cutText } from './cut.ts';
import type { Delivery, Notifier, PageEvent } from './notifier.ts';
import { REQUEST_ID_HEADER, watchAnswer, type AnswerHead } from './watched-answer.ts';

/** @see https://developer.pagerduty.com/docs/send-alert-event */
const ROUTING_KEY_LENGTH = 32;
const SUMMARY_LENGTH = 1_024;
/** Far below the documented 512 KB for the whole event: what a person reads on a phone, and room for the rest. */
const DETAILS_BYTES = 64_000;
const LINKS = 20;
const URL_LENGTH = 4_000;

/** Less than the activity's start-to-close time-out, so that no attempt outlives the one that follows it. */
const TIMEOUT_MS = 10_000;

/** "Preferably with a backoff of a few minutes." @see https://developer.pagerduty.com/docs/events-api-v2-overview */
const THROTTLED_RETRY_MS = 3 * 60_000;
const LONGEST_RETRY_MS = 3_600_000;

export interface PagerDutySettings {
  /** The integration key of a service. A secret. */
  readonly routingKey: string;
  /** Host and port instead of `events.pagerduty.com`. */
  readonly server?: string | null;
  /** The certificate to trust in place of the public ones, PEM. */
  readonly ca?: string | null;
  /** How long one attempt may take, milliseconds. Default 10 s. */
  readonly timeoutMs?: number;
}

/**
 * Tells PagerDuty through `@pagerduty/pdjs`, whose time-out, retries and answers do not work as named: here an
 * attempt really ends when its time is up, makes one post, and only 202 counts as delivered.
 *
 * @throws Error when the routing key is not one (its value is not shown).
 */
export function createPagerDuty(settings: PagerDutySettings): Notifier {
  const { routingKey } = settings;
  if (routingKey.length !== ROUTING_KEY_LENGTH) {
    throw new Error(
      `The PagerDuty routing key has ${routingKey.length} characters, expected ${ROUTING_KEY_LENGTH}: ` +
        'use the integration key of an Events API v2 integration (PAGERDUTY_ROUTING_KEY).',
    );
  }
  return {
    name: 'pagerduty',
    async send(event, { signal }) {
      const delivery = await attempt(settings, toPagerDuty(event, routingKey), signal);
      return delivery.delivered
        ? delivery
        : { ...delivery, reason: delivery.reason.replaceAll(routingKey, '[key]') };
    },
  };
}

/** The event in PagerDuty's words, cut to its limits: an event is never refused for its size. */
export function toPagerDuty(event: PageEvent, routingKey: string) {
  return {
    routing_key: routingKey,
    // An event of an open key adds to its incident.
    event_action: event.action === 'resolve' ? ('resolve' as const) : ('trigger' as const),
    dedup_key: cutDedupKey(event.dedupKey),
    payload: {
      summary: cutText(event.summary, SUMMARY_LENGTH),
      source: cutText(event.source, SUMMARY_LENGTH),
      severity: event.severity,
      timestamp: event.timestamp,
      ...(event.component === null ? {} : { component: cutText(event.component, SUMMARY_LENGTH) }),
      ...(event.group === null ? {} : { group: cutText(event.group, SUMMARY_LENGTH) }),
      ...(event.class === null ? {} : { class: cutText(event.class, SUMMARY_LENGTH) }),
      custom_details: cutDetails(event.details, DETAILS_BYTES),
    },
    // A URL that is cut leads nowhere: a longer one is left out.
    links: event.links
      .filter(({ href }) => href.length <= URL_LENGTH)
      .slice(0, LINKS)
      .map(({ href, text }) => ({ href, text: cutText(text, SUMMARY_LENGTH) })),
    ...(event.clientUrl === null || event.clientUrl.length > URL_LENGTH || event.action === 'resolve'
      ? {}
      : { client: 'Weir', client_url: event.clientUrl }),
  };
}

type Body = ReturnType<typeof toPagerDuty>;

async function attempt(settings: PagerDutySettings, data: Body, cancelled: AbortSignal): Promise<Delivery> {
  const { timeoutMs = TIMEOUT_MS } = settings;
  const ca = settings.ca ?? null;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  const agent = new Agent({ keepAlive: false, ...(ca === null ? {} : { ca }) });
  const requestId = randomUUID();
  let head: AnswerHead | null = null;
  const request = {
    server: settings.server ?? 'events.pagerduty.com',
    data,
    agent,
    signal: AbortSignal.any([cancelled, stop.signal]),
    // pdjs's own time-out is an empty timer that keeps the process up; ours is the signal.
    requestTimeout: 0,
    headers: { [REQUEST_ID_HEADER]: requestId },
    // A redirect would carry the key to another host.
    redirect: 'manual' as const,
    // node-fetch's limit on an answer's size, bytes.
    size: 64_000,
  };
  try {
    const onAnswer = (answer: AnswerHead) => {
      head = answer;
      // Before pdjs posts again by itself, up to three times.
      if (answer.status === 429) stop.abort();
    };
    const response = await watchAnswer(requestId, onAnswer, () => post(request));
    return judge(data.dedup_key, { status: response.status, retryAfter: null }, response.data);
  } catch (error) {
    return failed(data.dedup_key, head, error, { cancelled, timedOut: stop.signal, timeoutMs });
  } finally {
    clearTimeout(timer);
    agent.destroy();
  }
}

/** What an answer means. @see https://developer.pagerduty.com/docs/events-api-v2-overview#response-codes--retry-logic */
function judge(dedupKey: string, head: AnswerHead, body: unknown): Delivery {
  const { status } = head;
  if (status === 202) return { delivered: true, status, dedupKey };
  const not = { delivered: false as const, status, dedupKey, retryAfterMs: null };
  if (status === 400)
    return { ...not, retry: false, reason: `PagerDuty refused the event for good: ${errorsOf(body)}` };
  if (status === 429) {
    const retryAfterMs = readRetryAfter(head.retryAfter) ?? THROTTLED_RETRY_MS;
    return {
      ...not,
      retry: true,
      retryAfterMs,
      reason: 'PagerDuty answered 429: too many events for this key.',
    };
  }
  return { ...not, retry: true, reason: `PagerDuty answered ${status}.` };
}

interface Ending {
  readonly cancelled: AbortSignal;
  readonly timedOut: AbortSignal;
  readonly timeoutMs: number;
}

function failed(dedupKey: string, head: AnswerHead | null, error: unknown, ending: Ending): Delivery {
  const status = head?.status ?? null;
  // Final or throttled whatever the body is. A 202 whose body was lost is asked again: twice in the log beats lost.
  if (head && (head.status === 429 || head.status === 400)) return judge(dedupKey, head, null);
  const not = { delivered: false as const, status, dedupKey, retry: true, retryAfterMs: null };
  if (ending.cancelled.aborted) return { ...not, reason: 'The attempt was cancelled.' };
  if (ending.timedOut.aborted)
    return { ...not, reason: `PagerDuty did not answer within ${ending.timeoutMs} ms.` };
  if (head) return { ...not, reason: `PagerDuty answered ${head.status} with something that is not JSON.` };
  return { ...not, reason: `PagerDuty could not be reached (${codeOf(error)}).` };
}

/** The service's sentences, for the person who has to mend the event. */
function errorsOf(body: unknown): string {
  const fields: Readonly<Record<string, unknown>> =
    typeof body === 'object' && body !== null ? { ...body } : {};
  const errors = Array.isArray(fields['errors'])
    ? fields['errors'].filter((one) => typeof one === 'string')
    : [];
  const message = typeof fields['message'] === 'string' ? fields['message'] : 'it gave no reason';
  return cutText([message, ...errors].join('; '), 1_000);
}

/** Seconds or an HTTP date, as milliseconds; null where it is neither. */
function readRetryAfter(value: string | null): number | null {
  if (value === null || value.trim() === '') return null;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), LONGEST_RETRY_MS);
}

/** The error's code only: its message names host and path, and may quote what was sent. */
function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : null;
  return typeof code === 'string' ? code : error instanceof Error ? error.name : 'unknown error';
}
