import { randomUUID } from 'node:crypto';
import { Agent } from 'node:https';
import { change, event as post } from '@pagerduty/pdjs';
import { cutDedupKey } from '../page/dedup-key.ts';
import { judge, unanswered, type Answer } from './judge.ts';
import type { Delivery, Notifier, NotifierType, PageEvent } from './notifier.ts';
import { toPagerDuty, toPagerDutyChange } from './pagerduty-event.ts';
import { REQUEST_ID_HEADER, watchAnswer, type AnswerHead } from './watched-answer.ts';

/** @see https://developer.pagerduty.com/docs/send-alert-event */
const ROUTING_KEY_LENGTH = 32;

/** Less than the activity's start-to-close time-out, so that no attempt outlives the one that follows it. */
const TIMEOUT_MS = 10_000;

const SERVICE = 'PagerDuty';

export interface PagerDutySettings {
  /** The integration key of a service. A secret. */
  readonly routingKey: string;
  /** What the receiver is called. Default `pagerduty`. */
  readonly name?: string;
  /** Host and port instead of `events.pagerduty.com`. */
  readonly server?: string | null;
  /** The certificate to trust in place of the public ones, PEM. */
  readonly ca?: string | null;
  /** How long one attempt may take, milliseconds. Default 10 s. */
  readonly timeoutMs?: number;
}

/** A service of PagerDuty, by its integration key: each receiver of this kind has one of its own. */
export const notifierType: NotifierType = {
  description:
    'Opens and resolves incidents of a PagerDuty service (Events API v2); what wakes nobody is a change event.',
  secrets: { key: 'the integration key of an Events API v2 integration, 32 characters' },
  create: ({ name, secrets, server, ca }) =>
    createPagerDuty({ name, routingKey: secrets['key'] ?? '', server, ca }),
};

/**
 * Tells PagerDuty through `@pagerduty/pdjs`, whose time-out, retries and answers do not work as named: here an
 * attempt really ends when its time is up, makes one post, and only 202 counts as delivered. That holds for events of
 * incidents and for change events alike.
 *
 * @throws Error when the routing key is not one (its value is not shown).
 */
export function createPagerDuty(settings: PagerDutySettings): Notifier {
  const { routingKey, name = 'pagerduty' } = settings;
  if (routingKey.length !== ROUTING_KEY_LENGTH) {
    throw new Error(
      `The PagerDuty routing key has ${routingKey.length} characters, expected ${ROUTING_KEY_LENGTH}: ` +
        'use the integration key of an Events API v2 integration.',
    );
  }
  return {
    name,
    async send(event, { signal }) {
      const delivery = await attempt(settings, event, signal);
      return delivery.delivered
        ? delivery
        : { ...delivery, reason: delivery.reason.replaceAll(routingKey, '[key]') };
    },
  };
}

async function attempt(
  settings: PagerDutySettings,
  event: PageEvent,
  cancelled: AbortSignal,
): Promise<Delivery> {
  const { timeoutMs = TIMEOUT_MS } = settings;
  const ca = settings.ca ?? null;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  const agent = new Agent({ keepAlive: false, ...(ca === null ? {} : { ca }) });
  const requestId = randomUUID();
  const dedupKey = cutDedupKey(event.dedupKey);
  const seen: { head: AnswerHead | null } = { head: null };
  const onAnswer = (answer: AnswerHead): void => {
    seen.head = answer;
    // Before pdjs posts again by itself, up to three times.
    if (answer.status === 429) stop.abort();
  };
  const config = {
    server: settings.server ?? 'events.pagerduty.com',
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
    const { status, data } = await watchAnswer(requestId, onAnswer, () => enqueue(config, event, settings));
    return judge(SERVICE, dedupKey, answerOf(seen.head ?? { status, retryAfter: null }, data));
  } catch (error) {
    // Throttled, or an answer that is not JSON. A 202 whose body was lost is asked again: twice in the log beats lost.
    const { head } = seen;
    if (head !== null && !isOver(head, cancelled, stop.signal))
      return judge(SERVICE, dedupKey, { ...answerOf(head, null), isOwn: false, isTaken: false });
    return unanswered(SERVICE, dedupKey, error, { cancelled, timedOut: stop.signal, timeoutMs });
  } finally {
    clearTimeout(timer);
    agent.destroy();
  }
}

/** Whether an attempt ended without its answer's meaning mattering: it was stopped, and not because of a 429. */
function isOver(head: AnswerHead, cancelled: AbortSignal, stopped: AbortSignal): boolean {
  return head.status !== 429 && (cancelled.aborted || stopped.aborted);
}

type Config = Omit<Parameters<typeof post>[0], 'data'>;
type ChangeRequest = Config & { readonly data: ReturnType<typeof toPagerDutyChange> };

// pdjs types what `change` takes as an alert event; it posts `data` as it is.
const postChange = change as (request: ChangeRequest) => ReturnType<typeof post>;

function enqueue(config: Config, event: PageEvent, { routingKey }: PagerDutySettings) {
  return event.action === 'change'
    ? postChange({ ...config, data: toPagerDutyChange(event, routingKey) })
    : post({ ...config, data: toPagerDuty(event, routingKey) });
}

/** @see https://developer.pagerduty.com/docs/events-api-v2-overview#response-codes--retry-logic */
function answerOf({ status, retryAfter }: AnswerHead, body: unknown): Answer {
  return { status, retryAfter, isOwn: true, isTaken: status === 202, said: errorsOf(body) };
}

/** The service's sentences, for the person who has to mend the event. */
function errorsOf(body: unknown): string {
  const fields: Readonly<Record<string, unknown>> =
    typeof body === 'object' && body !== null ? { ...body } : {};
  const errors = Array.isArray(fields['errors'])
    ? fields['errors'].filter((one) => typeof one === 'string')
    : [];
  const message = typeof fields['message'] === 'string' ? fields['message'] : 'it gave no reason';
  return [message, ...errors].join('; ');
}
