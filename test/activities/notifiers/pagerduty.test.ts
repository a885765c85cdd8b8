import { expect, test } from 'vitest';
import { createPagerDuty } from '../../../activities/notifiers/pagerduty.ts';
import { toPagerDuty } from '../../../activities/notifiers/pagerduty-event.ts';
import { requestStandIn, type IncidentJson } from '../../infra/pagerduty/request.ts';
import { startStandIn } from '../../../infra/pagerduty/stand-in.ts';
import { httpNotifierConformance } from './conformance.ts';
import { pageEvent } from './page-event.ts';

const routingKey = 'k3y-that-must-never-be-seen-5ea7';

httpNotifierConformance(async () => {
  const standIn = await startStandIn();
  const { server, ca } = standIn;
  const settings = { routingKey, server, ca };
  const module = new URL('../../../activities/notifiers/pagerduty.ts', import.meta.url).href;
  return {
    secrets: [routingKey],
    create: (changes) => createPagerDuty({ ...settings, ...changes }),
    // Port 9 is "discard": nobody listens there on a machine of today.
    createUnreachable: () => createPagerDuty({ ...settings, server: 'localhost:9' }),
    processSource: `import { createPagerDuty } from ${JSON.stringify(module)};
      const notifier = createPagerDuty(${JSON.stringify({ ...settings, timeoutMs: 300 })});`,
    fail: async (failure) => {
      await requestStandIn(standIn, 'POST', '/api/failures', failure);
    },
    mend: async () => {
      await requestStandIn(standIn, 'DELETE', '/api/failures');
    },
    requests: async () => {
      const { body } = await requestStandIn<{ requests: unknown[] }>(standIn, 'GET', '/api/requests');
      return body.requests.length;
    },
    incidents: async (dedupKey) => {
      const path = `/api/incidents?dedup_key=${encodeURIComponent(dedupKey)}`;
      const { body } = await requestStandIn<{ incidents: IncidentJson[] }>(standIn, 'GET', path);
      return body.incidents.map(({ status, log_entries }) => ({ status, entries: log_entries.length }));
    },
    changes: async () => {
      const { body } = await requestStandIn<{ changes: unknown[] }>(standIn, 'GET', '/api/changes');
      return body.changes.length;
    },
    stop: () => standIn.stop(),
  };
});

test('takes 400 for final and passes on what the service says', async () => {
  const standIn = await startStandIn();
  try {
    const notifier = createPagerDuty({ routingKey, server: standIn.server, ca: standIn.ca });
    const delivery = await notifier.send(pageEvent({ timestamp: 'yesterday' }), {
      signal: new AbortController().signal,
    });
    expect(delivery).toEqual({
      delivered: false,
      status: 400,
      dedupKey: pageEvent().dedupKey,
      retry: false,
      retryAfterMs: null,
      reason:
        "PagerDuty refused the event for good: Event object is invalid; 'payload.timestamp' is not an ISO 8601 timestamp",
    });
  } finally {
    await standIn.stop();
  }
});

test('does not talk to a server whose certificate it was not told to trust', async () => {
  const standIn = await startStandIn();
  try {
    const notifier = createPagerDuty({ routingKey, server: standIn.server });
    const delivery = await notifier.send(pageEvent(), { signal: new AbortController().signal });
    expect(delivery).toMatchObject({ delivered: false, status: null, retry: true });
  } finally {
    await standIn.stop();
  }
});

test('refuses a routing key of the wrong length without showing it', () => {
  expect(() => createPagerDuty({ routingKey: 'short-secret' })).toThrow(/has 12 characters, expected 32/);
  expect(() => createPagerDuty({ routingKey: 'short-secret' })).not.toThrow(/short-secret/);
});

test('cuts details to 64 kB with a notice and keeps the first entries', () => {
  const details = Object.fromEntries(
    Array.from({ length: 5_000 }, (_, index) => [`entry_${index}`, 'x'.repeat(200)]),
  );
  const body = toPagerDuty(pageEvent({ details }), routingKey);
  expect(Buffer.byteLength(JSON.stringify(body.payload.custom_details))).toBeLessThanOrEqual(64_000);
  expect(body.payload.custom_details['cut']).toMatch(/^Cut from 1,\d\d\d,\d\d\d bytes/);
  expect(body.payload.custom_details['entry_0']).toBeDefined();
});

test('cuts a summary between characters', () => {
  const { summary } = toPagerDuty(pageEvent({ summary: `x${'🛒'.repeat(600)}` }), routingKey).payload;
  expect(summary.length).toBeLessThanOrEqual(1_024);
  expect(summary.endsWith('🛒…')).toBe(true);
});
