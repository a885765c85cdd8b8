import { expect, test } from 'vitest';
import { readAlertEvent, readChangeEvent } from '../../../infra/pagerduty/events-api.ts';

const trigger = {
  routing_key: 'a'.repeat(32),
  event_action: 'trigger',
  dedup_key: 'weir/test/a',
  payload: { summary: 'one line', source: 'weir/test', severity: 'critical' },
};
const payload = (changes: object) => ({ ...trigger, payload: { ...trigger.payload, ...changes } });

const accepted: Readonly<Record<string, unknown>> = {
  'the documented example': {
    ...payload({
      timestamp: '2015-07-17T08:42:58.315+0000',
      component: 'postgres',
      group: 'prod-datapipe',
      class: 'deploy',
      custom_details: { 'ping time': '1500ms', 'load avg': 0.75 },
    }),
    images: [{ src: 'https://example.com/logo.png', href: 'https://example.com/', alt: 'Example text' }],
    links: [{ href: 'https://example.com/', text: 'Link text' }],
    client: 'Sample Monitoring Service',
    client_url: 'https://monitoring.example.com',
  },
  'a trigger without a dedup key': { ...trigger, dedup_key: undefined },
  'a dedup key of 255 characters': { ...trigger, dedup_key: 'k'.repeat(255) },
  'a summary of 1024 characters outside the first plane': payload({ summary: '🛒'.repeat(1024) }),
  'a resolve without a payload': { routing_key: 'a'.repeat(32), event_action: 'resolve', dedup_key: 'a' },
  'an acknowledge without a payload': {
    routing_key: 'a'.repeat(32),
    event_action: 'acknowledge',
    dedup_key: 'a',
  },
  'a link without text': { ...trigger, links: [{ href: 'http://localhost:8233' }] },
};

test.each(Object.entries(accepted))('takes %s', (_, body) => {
  expect(readAlertEvent(body)).not.toHaveProperty('errors');
});

const refused: Readonly<Record<string, readonly [body: unknown, error: RegExp]>> = {
  'what is no object': [[trigger], /not a JSON object/],
  'no routing key': [{ ...trigger, routing_key: undefined }, /'routing_key' is missing or blank/],
  'a routing key of 31 characters': [{ ...trigger, routing_key: 'a'.repeat(31) }, /should be 32 characters/],
  'an unknown action': [{ ...trigger, event_action: 'open' }, /'event_action' must be one of/],
  'a dedup key of 256 characters': [
    { ...trigger, dedup_key: 'k'.repeat(256) },
    /'dedup_key' is too long .*255/,
  ],
  'a resolve without a dedup key': [
    { ...trigger, event_action: 'resolve', dedup_key: undefined },
    /'dedup_key' is missing/,
  ],
  'no payload': [{ ...trigger, payload: undefined }, /'payload' is missing/],
  'a blank summary': [payload({ summary: ' ' }), /'payload.summary' is missing or blank/],
  'a summary of 1025 characters': [
    payload({ summary: 's'.repeat(1025) }),
    /maximum 1024 characters, found 1025/,
  ],
  'no source': [payload({ source: undefined }), /'payload.source' is missing/],
  'no severity': [payload({ severity: undefined }), /'payload.severity' is missing/],
  'a severity of its own': [
    payload({ severity: 'fatal' }),
    /'payload.severity' must be one of critical, error/,
  ],
  'a timestamp in words': [payload({ timestamp: 'yesterday' }), /not an ISO 8601 timestamp/],
  'details as text': [payload({ custom_details: 'text' }), /'payload.custom_details' must be an object/],
  'a link without an address': [{ ...trigger, links: [{ text: 'here' }] }, /'links\[0\].href' is missing/],
  'links as an object': [{ ...trigger, links: { href: 'x' } }, /'links' must be an array/],
  'an image over http': [
    { ...trigger, images: [{ src: 'http://example.com/a.png' }] },
    /must be served via HTTPS/,
  ],
};

test.each(Object.entries(refused))('refuses %s', (_, [body, error]) => {
  const answer = readAlertEvent(body);
  expect('errors' in answer ? answer.errors.join('; ') : 'taken').toMatch(error);
});

test('names every problem at once', () => {
  const answer = readAlertEvent({ event_action: 'trigger', payload: {} });
  expect('errors' in answer ? answer.errors.length : 0).toBe(4);
});

test('takes a change event with a summary alone, and none for a ruleset key', () => {
  const change = { routing_key: 'a'.repeat(32), payload: { summary: 'a suite changed' } };
  expect(readChangeEvent(change)).not.toHaveProperty('errors');
  expect(readChangeEvent({ ...change, routing_key: `R${'a'.repeat(31)}` })).toHaveProperty('errors');
  expect(readChangeEvent({ ...change, payload: {} })).toHaveProperty('errors');
  for (const more of [
    { event_action: 'trigger' },
    { dedup_key: 'k' },
    { client: 'Weir' },
    { payload: { ...change.payload, severity: 'info' } },
    { payload: { ...change.payload, summary: 'x'.repeat(1_025) } },
    { payload: { ...change.payload, timestamp: 'yesterday' } },
    { links: [{ text: 'no address' }] },
  ])
    expect(readChangeEvent({ ...change, ...more })).toHaveProperty('errors');
});
