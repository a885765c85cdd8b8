import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readFailure, takeFailure } from '../../../infra/pagerduty/failures.ts';
import { startStandIn, type StandIn, type StandInOptions } from '../../../infra/pagerduty/stand-in.ts';
import { requestStandIn, type IncidentJson } from './request.ts';

const routingKey = 'a-routing-key-of-32-characters-1';
let folder: string;
let running: StandIn[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-pagerduty-'));
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((standIn) => standIn.stop()));
  rmSync(folder, { recursive: true });
});

async function start(options: StandInOptions = {}): Promise<StandIn> {
  const standIn = await startStandIn(options);
  running.push(standIn);
  return standIn;
}

function post(standIn: StandIn, changes: object = {}, path = '/v2/enqueue') {
  const payload = { summary: 'stg_transactions held', source: 'weir/test', severity: 'critical' };
  const event = { routing_key: routingKey, event_action: 'trigger', dedup_key: 'a', payload, ...changes };
  return requestStandIn(standIn, 'POST', path, event);
}

async function incidents(standIn: StandIn): Promise<IncidentJson[]> {
  const { body } = await requestStandIn<{ incidents: IncidentJson[] }>(standIn, 'GET', '/api/incidents');
  return body.incidents;
}

test('answers as documented: 202 with the dedup key, 400 with every error', async () => {
  const standIn = await start();
  expect(await post(standIn)).toMatchObject({
    status: 202,
    body: { status: 'success', message: 'Event processed', dedup_key: 'a' },
  });
  expect(await post(standIn, { dedup_key: undefined })).toMatchObject({
    status: 202,
    body: { dedup_key: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  });
  expect(await post(standIn, { routing_key: 'short' })).toMatchObject({
    status: 400,
    body: {
      status: 'invalid event',
      message: 'Event object is invalid',
      errors: ["Length of 'routing_key' is incorrect (should be 32 characters)"],
    },
  });
  expect(await requestStandIn(standIn, 'POST', '/v2/enqueue', '{"half')).toMatchObject({ status: 400 });
  const change = { event_action: undefined, dedup_key: undefined, payload: { summary: 'a suite changed' } };
  expect(await post(standIn, {}, '/v2/change/enqueue')).toMatchObject({ status: 400 });
  expect(await post(standIn, change, '/v2/change/enqueue')).toMatchObject({
    status: 202,
    body: { status: 'success', message: 'Change event processed' },
  });
});

test('refuses an event over 512 KB', async () => {
  const standIn = await start();
  const payload = {
    summary: 's',
    source: 's',
    severity: 'info',
    custom_details: { long: 'x'.repeat(512 * 1024) },
  };
  expect(await post(standIn, { payload })).toMatchObject({ status: 400 });
  expect(await incidents(standIn)).toEqual([]);
});

test('answers 429 by routing key once its calls of a minute are used up', async () => {
  const standIn = await start({ callsPerMinute: 3 });
  const statuses = [];
  for (let call = 0; call < 5; call++) statuses.push((await post(standIn)).status);
  expect(statuses).toEqual([202, 202, 202, 429, 429]);
  expect((await post(standIn, { routing_key: routingKey.toUpperCase() })).status).toBe(202);
  await requestStandIn(standIn, 'POST', '/api/limits', { callsPerMinute: 100 });
  expect((await post(standIn)).status).toBe(202);
});

test('keeps one open incident a key, and opens a new one after a resolve', async () => {
  const standIn = await start();
  for (const event_action of ['resolve', 'acknowledge']) await post(standIn, { event_action });
  expect(await incidents(standIn)).toEqual([]);
  for (const event_action of ['trigger', 'acknowledge', 'trigger', 'resolve', 'resolve', 'trigger']) {
    await post(standIn, { event_action });
  }
  expect(await incidents(standIn)).toMatchObject([
    {
      status: 'resolved',
      acknowledged_at: expect.any(String),
      resolved_at: expect.any(String),
      log_entries: [{ type: 'trigger' }, { type: 'acknowledge' }, { type: 'trigger' }, { type: 'resolve' }],
    },
    { status: 'triggered', resolved_at: null, log_entries: [{ type: 'trigger' }] },
  ]);
});

test('drops a resolve that comes by another routing key', async () => {
  const standIn = await start();
  await post(standIn);
  await post(standIn, { event_action: 'resolve', routing_key: routingKey.toUpperCase() });
  expect(await incidents(standIn)).toMatchObject([{ status: 'triggered' }]);
});

test('keeps incidents and certificate over a restart, and no routing key on disk', async () => {
  const stateFile = join(folder, 'state', 'events.jsonl');
  const first = await start({ stateFile });
  await post(first);
  await post(first, { event_action: 'acknowledge' });
  const before = await incidents(first);
  await first.stop();
  appendFileSync(stateFile, '{"kind":"alert","at":"half a line, as a kill leaves it');
  const second = await start({ stateFile });
  expect(await incidents(second)).toEqual(before);
  expect(second.ca).toBe(first.ca);
  await post(second, { dedup_key: 'b' });
  await second.stop();
  expect(await incidents(await start({ stateFile }))).toMatchObject([{ dedup_key: 'a' }, { dedup_key: 'b' }]);
  expect(readFileSync(stateFile, 'utf8')).not.toContain(routingKey);
});

test('fails as it is told, and takes the event where it is told that only the answer was lost', async () => {
  const standIn = await start();
  const fail = (failure: object) => requestStandIn(standIn, 'POST', '/api/failures', failure);
  await fail({ mode: '500', times: 2 });
  await fail({ mode: '429', retryAfter: 7 });
  await fail({ mode: 'html' });
  expect((await post(standIn)).status).toBe(500);
  expect((await post(standIn)).status).toBe(500);
  expect(await post(standIn)).toMatchObject({ status: 429, headers: { 'retry-after': '7' } });
  expect(await post(standIn)).toMatchObject({ status: 502, body: expect.stringContaining('<h1>') });
  expect(await incidents(standIn)).toEqual([]);
  await fail({ mode: 'cut', accept: true });
  await expect(post(standIn)).rejects.toThrow(/socket hang up|ECONNRESET/);
  expect(await incidents(standIn)).toMatchObject([{ status: 'triggered' }]);
  expect((await post(standIn)).status).toBe(202);
  expect((await fail({ mode: 'melt' })).status).toBe(400);
});

test('fails a share of calls, until it is taken back', async () => {
  const standIn = await start();
  const plan = (failure: object) => requestStandIn(standIn, 'POST', '/api/failures', failure);
  expect((await plan({ mode: '500', share: 2 })).status).toBe(400);
  await plan({ mode: '500', share: 1 });
  expect([(await post(standIn)).status, (await post(standIn)).status]).toEqual([500, 500]);
  await requestStandIn(standIn, 'DELETE', '/api/failures');
  expect((await post(standIn)).status).toBe(202);
});

test('draws the same calls for the same seed', () => {
  const drawn = (seed: number): readonly boolean[] => {
    const failure = readFailure({ mode: '500', share: 0.3, seed });
    if (typeof failure === 'string') throw new Error(failure);
    const planned = [failure];
    return Array.from({ length: 1_000 }, () => takeFailure(planned, Date.now()) !== null);
  };
  const failing = drawn(7).filter(Boolean).length;
  expect(failing).toBeGreaterThan(250);
  expect(failing).toBeLessThan(350);
  expect(drawn(7)).toEqual(drawn(7));
  expect(drawn(8)).not.toEqual(drawn(7));
});

test('fails until a time', async () => {
  const standIn = await start();
  await requestStandIn(standIn, 'POST', '/api/failures', {
    mode: '500',
    until: new Date(Date.now() + 60_000).toISOString(),
  });
  expect((await post(standIn)).status).toBe(500);
  expect((await post(standIn)).status).toBe(500);
  await requestStandIn(standIn, 'DELETE', '/api/failures');
  await requestStandIn(standIn, 'POST', '/api/failures', {
    mode: '500',
    until: new Date(Date.now() - 1).toISOString(),
  });
  expect((await post(standIn)).status).toBe(202);
});

test('shows incidents with everything escaped, and no link but to the web', async () => {
  const standIn = await start();
  const evil = '<script>alert(1)</script>"\'&';
  await post(standIn, {
    dedup_key: evil,
    client: evil,
    client_url: `https://example.com/"onmouseover="x`,
    links: [
      { href: 'javascript:alert(1)', text: evil },
      { href: 'https://example.com/runbook', text: 'Runbook' },
    ],
    payload: {
      summary: evil,
      source: evil,
      severity: 'critical',
      component: evil,
      custom_details: { [evil]: [evil, { [evil]: evil }], table: [{ [evil]: evil }], number: 1 },
    },
  });
  const index = await requestStandIn<string>(standIn, 'GET', '/');
  const id = /\/incidents\/(\w+)/.exec(index.body)?.[1];
  const page = await requestStandIn<string>(standIn, 'GET', `/incidents/${id}`);
  for (const { status, body, headers } of [index, page]) {
    expect(status).toBe(200);
    expect(body).not.toContain('<script>alert');
    expect(body).not.toContain('href="javascript:');
    expect(body).not.toContain('"onmouseover=');
    expect(body).toContain('&lt;script&gt;');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  }
  expect(page.body).toContain('href="https://example.com/runbook"');
  expect((await requestStandIn(standIn, 'GET', '/incidents/nothing')).status).toBe(404);
});

test('is acknowledged by the button of its page, stays so when updates come, and by no other page', async () => {
  const standIn = await start();
  await post(standIn);
  const press = (id: string) => requestStandIn(standIn, 'POST', `/incidents/${id}/acknowledge`);
  expect(await press('Q000001')).toMatchObject({ status: 303, headers: { location: '/incidents/Q000001' } });
  await post(standIn);
  await press('Q000001');
  expect(await incidents(standIn)).toMatchObject([
    {
      status: 'acknowledged',
      log_entries: [{ type: 'trigger' }, { type: 'acknowledge' }, { type: 'trigger' }],
    },
  ]);
  expect((await press('Q000002')).status).toBe(404);
  expect((await requestStandIn(standIn, 'POST', '/')).status).toBe(404);
});
