import { createHash, createHmac } from 'node:crypto';
import { cutDedupKey } from '../page/dedup-key.ts';
import { cutDetails, cutText } from './cut.ts';
import type { Notifier, NotifierType, PageEvent } from './notifier.ts';
import { checkedUrl, postJson } from './post-json.ts';

const TEXT_LENGTH = 1_024;
const DETAILS_BYTES = 64_000;
const LINKS = 20;
const URL_LENGTH = 4_000;
/** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (24 to 64 bytes) */
const KEY_BYTES = { least: 24, most: 64 };

export interface WebhookSettings {
  /** Where events are posted. May be a secret. */
  readonly url: string;
  /** What the signature is made with, base64, `whsec_` before it or not. A secret. */
  readonly key: string;
  /** What the receiver is called. Default `webhook`. */
  readonly name?: string;
  /** How long one attempt may take, milliseconds. Default 10 s. */
  readonly timeoutMs?: number;
}

/** Any service that takes signed JSON. */
export const notifierType: NotifierType = {
  description:
    'Posts each event as JSON, signed as Standard Webhooks says (HMAC-SHA256 over id, time and body).',
  secrets: {
    url: 'the address that events are posted to, https://…',
    key: 'the signing key, `whsec_` and 24 to 64 bytes as base64: openssl rand -base64 32',
  },
  create: ({ name, secrets }) =>
    createWebhook({ name, url: secrets['url'] ?? '', key: secrets['key'] ?? '' }),
};

/**
 * Posts each event as JSON with the headers of Standard Webhooks: `webhook-id` (the same at every attempt of an event),
 * `webhook-timestamp` (seconds) and `webhook-signature`, `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
 * docs/guides/pages.md shows how a receiver verifies it. Any 2xx takes the event, whatever the body is, but HTML.
 *
 * @throws Error when the address or the key is none (neither is shown).
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function createWebhook({ url, key, name = 'webhook', timeoutMs }: WebhookSettings): Notifier {
  checkedUrl('The address of the webhook', url);
  const bytes = keyBytes(key);
  return {
    name,
    send: (event, { signal: cancelled }) => {
      const body = JSON.stringify(toWebhook(event));
      return postJson({
        service: 'The webhook',
        url,
        timeoutMs,
        cancelled,
        dedupKey: event.dedupKey,
        body,
        headers: signedHeaders(event, body, bytes),
        read: readAnswer,
      });
    },
  };
}

function keyBytes(key: string): Buffer {
  const bytes = Buffer.from(key.replace(/^whsec_/, ''), 'base64');
  if (bytes.length >= KEY_BYTES.least && bytes.length <= KEY_BYTES.most) return bytes;
  throw new Error(
    `The signing key of the webhook has ${bytes.length} bytes, expected ${KEY_BYTES.least} to ${KEY_BYTES.most} as base64: make one with openssl rand -base64 32.`,
  );
}

function signedHeaders(event: PageEvent, body: string, key: Buffer): Readonly<Record<string, string>> {
  // An event id may have what no header may.
  const id = `evt_${createHash('sha256').update(event.eventId).digest('hex').slice(0, 32)}`;
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

function readAnswer(status: number, text: string) {
  // A proxy's page: no receiver of JSON answers so.
  const isOwn = !text.trimStart().startsWith('<');
  // What a receiver says is somebody else's text, and may quote what it was sent: its status is enough.
  return { isOwn, isTaken: isOwn && status >= 200 && status < 300, said: null };
}

/** The event as it is posted, cut: it is never refused for its size. */
export function toWebhook(event: PageEvent) {
  const cut = (text: string | null) => (text === null ? null : cutText(text, TEXT_LENGTH));
  return {
    version: 1,
    eventId: event.eventId,
    action: event.action,
    dedupKey: cutDedupKey(event.dedupKey),
    summary: cut(event.summary),
    severity: event.severity,
    source: cut(event.source),
    timestamp: event.timestamp,
    component: cut(event.component),
    group: cut(event.group),
    class: cut(event.class),
    owner: cut(event.owner),
    tier: event.tier,
    details: cutDetails(event.details, DETAILS_BYTES),
    links: event.links
      .filter(({ href }) => href.length <= URL_LENGTH)
      .slice(0, LINKS)
      .map(({ href, text }) => ({ href, text: cutText(text, TEXT_LENGTH) })),
    clientUrl: event.clientUrl !== null && event.clientUrl.length <= URL_LENGTH ? event.clientUrl : null,
  };
}
