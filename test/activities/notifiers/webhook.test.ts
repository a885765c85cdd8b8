import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { expect, test } from 'vitest';
import { createWebhook, type toWebhook } from '../../../activities/notifiers/webhook.ts';
import { httpNotifierConformance } from './conformance.ts';
import { pageEvent } from './page-event.ts';
import { incidentsOf, startTestService, type Understood } from './test-service.ts';

const SECRET = 's3cr3t-that-must-never-be-seen';
const KEY = `whsec_${Buffer.from('0123456789-0123456789-0123456789').toString('base64')}`;
const ids: string[] = [];

/** As the specification of Standard Webhooks verifies, written anew. */
function verified(body: string, headers: IncomingHttpHeaders): Understood {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = headers;
  const key = Buffer.from(KEY.slice('whsec_'.length), 'base64');
  const made = createHmac('sha256', key)
    .update(`${String(id)}.${String(timestamp)}.${body}`)
    .digest('base64');
  const given = Buffer.from(String(signature));
  expect(given.length).toBe(`v1,${made}`.length);
  expect(timingSafeEqual(given, Buffer.from(`v1,${made}`))).toBe(true);
  expect(Math.abs(Date.now() / 1_000 - Number(timestamp))).toBeLessThan(10);
  expect(body.length).toBeLessThan(512_000);
  ids.push(String(id));
  const { action, dedupKey }: ReturnType<typeof toWebhook> = JSON.parse(body);
  return { action, key: dedupKey };
}

const start = async () => {
  const service = await startTestService({ taken: '', refusal: '{}', read: verified, path: SECRET });
  const module = new URL('../../../activities/notifiers/webhook.ts', import.meta.url).href;
  const settings = { url: service.url, key: KEY };
  return {
    secrets: [SECRET, KEY, KEY.slice('whsec_'.length)],
    create: (changes: { readonly timeoutMs?: number }) => createWebhook({ ...settings, ...changes }),
    // Port 9 is "discard": nobody listens there on a machine of today.
    createUnreachable: () => createWebhook({ ...settings, url: `http://127.0.0.1:9/${SECRET}` }),
    processSource: `import { createWebhook } from ${JSON.stringify(module)};
      const notifier = createWebhook(${JSON.stringify({ ...settings, timeoutMs: 300 })});`,
    fail: async (failure: Parameters<typeof service.plan>[0]) => service.plan(failure),
    mend: async () => service.plan(null),
    requests: async () => service.requests(),
    incidents: async (dedupKey: string) => incidentsOf(service.taken, dedupKey),
    changes: async () => service.taken.filter(({ action }) => action === 'change').length,
    stop: () => service.stop(),
  };
};
httpNotifierConformance(start);

test('an event has the same id at every attempt, another one another', async () => {
  const subject = await start();
  try {
    const { signal } = new AbortController();
    const notifier = subject.create({});
    ids.length = 0;
    for (const eventId of ['one', 'one', 'two/ü.1']) await notifier.send(pageEvent({ eventId }), { signal });
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[1]);
    for (const id of ids) expect(id).toMatch(/^evt_[0-9a-f]{32}$/);
  } finally {
    await subject.stop();
  }
});

test('refuses an address and a key that are none without showing them', () => {
  const short = () => createWebhook({ url: 'https://example.com', key: 'c2hvcnQ=' });
  expect(short).toThrow(/has 5 bytes, expected 24 to 64/);
  expect(short).not.toThrow(/c2hvcnQ/);
  expect(() => createWebhook({ url: 'ftp://secret', key: KEY })).toThrow(/is no address to post to/);
});
