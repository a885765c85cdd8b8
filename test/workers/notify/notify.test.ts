import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readNotify } from '../../../workers/notify/notify.ts';
import { pageEvent } from '../../activities/notifiers/page-event.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'weir-notify-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const KEY = 'k3y-that-must-never-be-seen-5ea7';
const nowhere = (): void => {};

function file(text: string): string {
  const name = path.join(folder, 'notify.yaml');
  writeFileSync(name, text);
  return name;
}

async function refusal(env: NodeJS.ProcessEnv): Promise<string> {
  const error: unknown = await readNotify(env, nowhere).catch((thrown: unknown) => thrown);
  if (!(error instanceof Error)) throw new Error('expected a refusal');
  return error.message;
}

test('without a file everything goes to PagerDuty', async () => {
  const { notifiers, routes, warnings } = await readNotify({ PAGERDUTY_ROUTING_KEY: KEY }, nowhere);
  expect(notifiers.map(({ name }) => name)).toEqual(['pagerduty']);
  expect(routes).toMatchObject([{ match: {}, to: ['pagerduty'], goesOn: false }]);
  expect(warnings).toEqual([]);
  expect(await refusal({})).toMatch(/the key of pagerduty is missing: PAGERDUTY_ROUTING_KEY is not set\./);
});

test('secrets come from variables and from files beside the routing file', async () => {
  writeFileSync(path.join(folder, 'url'), 'https://hooks.example.com/services/x\n');
  const lines: string[] = [];
  const text = `receivers:
  on-call: { type: pagerduty, key: { env: ONE } }
  other: { type: pagerduty, key: { env: TWO } }
  chat: { type: slack, url: { file: url } }
  lines: { type: log }
routes:
  - to: [on-call, other, chat, lines]
`;
  const env = { WEIR_NOTIFY_FILE: file(text), ONE: KEY, TWO: KEY.toUpperCase() };
  const { notifiers } = await readNotify(env, (message) => void lines.push(message));
  expect(notifiers.map(({ name }) => name)).toEqual(['on-call', 'other', 'chat', 'lines']);
  await notifiers[3]?.send(pageEvent({ summary: 'held' }), { signal: new AbortController().signal });
  expect(lines).toEqual(['page trigger: held']);
});

test('what is missing or wrong is told all at once, and no secret with it', async () => {
  const text = `receivers:
  on-call: { type: pagerduty, key: { env: UNSET } }
  chat: { type: slack, url: { file: nowhere } }
  desk: { type: webhook, url: { env: URL }, key: { env: SHORT } }
  other: { type: pagerduty, key: { env: SHORT } }
routes:
  - to: [on-call, chat, desk, other]
`;
  const message = await refusal({ WEIR_NOTIFY_FILE: file(text), URL: 'https://a.example', SHORT: 'hunter2' });
  expect(message.split('\n').slice(1)).toEqual([
    expect.stringMatching(/:2: the key of on-call is missing: UNSET is not set\. It is the integration key/),
    expect.stringMatching(/:3: the url of chat is missing: nowhere cannot be read, or is empty\./),
    expect.stringMatching(/:4: desk: The signing key of the webhook has \d bytes/),
    expect.stringMatching(/:5: other: The PagerDuty routing key has 7 characters, expected 32/),
  ]);
  expect(message).not.toContain('hunter2');
});

test('a file that is not there is told', async () => {
  expect(await refusal({ WEIR_NOTIFY_FILE: path.join(folder, 'none.yaml') })).toMatch(
    /none\.yaml:1: WEIR_NOTIFY_FILE names a file that cannot be read \(ENOENT\)\. Give the path/,
  );
});
