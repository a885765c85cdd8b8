import { randomUUID } from 'node:crypto';
import proto from '@temporalio/proto';
import { ApplicationFailure, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { PageEvent } from '../../activities/notifiers/notifier.ts';
import type { Route } from '../../activities/notifiers/routes.ts';
import { createWebhook } from '../../activities/notifiers/webhook.ts';
import { PAGE_SIGNAL } from '../../activities/page/hand-over.ts';
import type { IncidentCarried, PageRetry } from '../../activities/page.ts';
import { pageEvent } from '../activities/notifiers/page-event.ts';
import { startTestService, type TestService } from '../activities/notifiers/test-service.ts';
import { until } from '../poll.ts';
import { freshDatabase, type FreshDatabase } from '../setup/database.ts';
import { ROUTING_KEY, testPager, type TestPager } from './incident-worker.ts';

const { History } = proto.temporal.api.history.v1;
const SECRET_PATH = 'p4th-that-must-never-be-seen';
const WEBHOOK_KEY = Buffer.from('k3y-that-must-never-be-seen-anywhere').toString('base64');
/** On-call is woken for what is critical; the chat hears of everything. */
const ROUTES: readonly Route[] = [
  { match: { severity: ['critical'] }, to: ['pagerduty'], goesOn: true },
  { match: {}, to: ['chat'], goesOn: false },
];

let pager: TestPager;
let chat: TestService;
let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  chat = await startTestService({
    taken: '',
    refusal: '{}',
    path: SECRET_PATH,
    read: (body) => {
      const { action, dedupKey: key, summary }: PageEvent & { dedupKey: string } = JSON.parse(body);
      return { action: `${action}: ${summary}`, key };
    },
  });
  const beside = [createWebhook({ name: 'chat', url: chat.url, key: WEBHOOK_KEY, timeoutMs: 5_000 })];
  pager = await testPager({ beside, routes: ROUTES, databases: database.databases });
  await pager.start();
}, 120_000);
afterEach(async () => {
  chat.plan(null);
  await pager.mend();
});
afterAll(async () => {
  await pager.close();
  await chat.stop();
  await database.drop();
});

const newKey = (): string => `weir/test/${randomUUID()}/transactions`;

function event(dedupKey: string, action: PageEvent['action'], changes: Partial<PageEvent> = {}): PageEvent {
  return pageEvent({ dedupKey, action, eventId: randomUUID(), summary: action, ...changes });
}

async function tell(
  told: PageEvent,
  more: PageRetry & { carried?: IncidentCarried } = {},
): Promise<WorkflowHandle> {
  const { client, taskQueue } = pager.temporal;
  const input = { dedupKey: told.dedupKey, pageTaskQueue: `${taskQueue}-page`, firstRetryMs: 100, ...more };
  return client.workflow.signalWithStart('incident', {
    workflowId: `incident/${told.dedupKey}`,
    taskQueue,
    args: [input],
    signal: PAGE_SIGNAL,
    signalArgs: [told],
  });
}

/** What the chat was told of a key, in order. */
const chatted = (key: string): readonly string[] =>
  chat.taken.filter((one) => one.key === key).map(({ action }) => action);
const paged = async (key: string): Promise<readonly string[]> =>
  (await pager.taken()).filter((one) => one.endsWith(key)).map((one) => one.split(' ')[0] ?? '');

async function details(handle: WorkflowHandle): Promise<string> {
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}

async function shows(handle: WorkflowHandle, text: string): Promise<void> {
  await until(async () => (await details(handle)).includes(text), {
    what: `the details show ${text}`,
    timeoutMs: 60_000,
  });
}

async function failure(handle: WorkflowHandle): Promise<string> {
  const error: unknown = await handle.result().catch((failed: unknown) => failed);
  const cause = error instanceof WorkflowFailedError ? error.cause : null;
  if (!(cause instanceof ApplicationFailure)) throw new Error('expected a failure', { cause: error });
  expect(cause.type).toBe('PageUndelivered');
  return cause.message;
}

const deliveries = (key: string) =>
  database.admin
    .selectFrom('control.page_delivery')
    .select(['notifier', 'action', 'state', 'status', 'attempts', 'reason', 'next_try_at'])
    .where('dedup_key', '=', key)
    .orderBy('notifier')
    .orderBy('first_tried_at')
    .execute();

test('who was told of the trigger is told of its updates and its resolve, nobody else', async () => {
  const [loud, quiet] = [newKey(), newKey()];
  await tell(event(loud, 'trigger'));
  await tell(event(loud, 'update', { severity: 'info' }));
  await (await tell(event(loud, 'resolve', { severity: 'info' }))).result();
  expect(chatted(loud)).toEqual(['trigger: trigger', 'update: update', 'resolve: resolve']);
  expect(await paged(loud)).toEqual(['trigger', 'trigger', 'resolve']);
  expect(await pager.incidents(loud)).toMatchObject([{ status: 'resolved' }]);

  await tell(event(quiet, 'trigger', { severity: 'error' }));
  // Even a resolve that a route would take elsewhere.
  await (await tell(event(quiet, 'resolve', { severity: 'critical' }))).result();
  expect(chatted(quiet)).toEqual(['trigger: trigger', 'resolve: resolve']);
  expect(await paged(quiet)).toEqual([]);
  expect(await deliveries(quiet)).toMatchObject([
    { notifier: 'chat', action: 'trigger', state: 'sent', status: 200, attempts: 1, reason: null },
    { notifier: 'chat', action: 'resolve', state: 'sent' },
  ]);
});

test('who was told is known to the run that goes on, too', async () => {
  const key = newKey();
  const carried = { seen: [], lines: [], open: true, told: ['chat'] };
  const handle = await tell(event(key, 'resolve', { severity: 'critical' }), { carried });
  expect(await handle.result()).toEqual({ dedupKey: key, sent: 1 });
  expect(chatted(key)).toEqual(['resolve: resolve']);
  expect(await paged(key)).toEqual([]);
});

test('who has left the routing file is told by nobody else in their place', async () => {
  const key = newKey();
  const carried = { seen: [], lines: [], open: true, told: ['gone', 'chat'] };
  expect(await failure(await tell(event(key, 'resolve'), { carried }))).toMatch(
    /gone: resolve "resolve": there is no receiver gone any more: .* there are pagerduty, chat/,
  );
  expect(chatted(key)).toEqual(['resolve: resolve']);
  expect(await deliveries(key)).toMatchObject([
    { notifier: 'chat' },
    { notifier: 'gone', state: 'undelivered' },
  ]);
});

test('an update that is louder opens the incident for those whom it is for now', async () => {
  const key = newKey();
  await tell(event(key, 'trigger', { severity: 'error' }));
  await tell(event(key, 'update', { severity: 'critical', summary: 'worse' }));
  await (await tell(event(key, 'resolve'))).result();
  expect(await paged(key)).toEqual(['trigger', 'resolve']);
  expect(chatted(key)).toEqual(['trigger: trigger', 'update: worse', 'resolve: resolve']);
  expect(await deliveries(key)).toMatchObject([
    { notifier: 'chat', action: 'trigger' },
    { notifier: 'chat', action: 'update' },
    { notifier: 'chat', action: 'resolve' },
    { notifier: 'pagerduty', action: 'trigger' },
    { notifier: 'pagerduty', action: 'resolve' },
  ]);
});

test('of updates that wait only the newest is sent', async () => {
  const key = newKey();
  await tell(event(key, 'trigger'));
  const handle = pager.temporal.client.workflow.getHandle(`incident/${key}`);
  // The chat has it a moment before the workflow has its answer.
  await shows(handle, '| trigger | chat | trigger | 200, ');
  chat.plan({ mode: '500' });
  await tell(event(key, 'update', { summary: 'under way' }));
  await shows(handle, '| update | chat | under way | attempt 1 at ');
  await tell(event(key, 'update', { summary: 'old' }));
  for (const summary of ['older', 'newest']) await tell(event(key, 'update', { summary }));
  await shows(handle, '| update | chat | newest | waits |');
  expect(await details(handle)).not.toContain('| chat | old');
  chat.plan(null);
  await (await tell(event(key, 'resolve'))).result();
  expect(chatted(key)).toEqual([
    'trigger: trigger',
    'update: under way',
    'update: newest',
    'resolve: resolve',
  ]);
});

test('a change opens nothing and is told to whom it is for', async () => {
  const key = newKey();
  const handle = await tell(event(key, 'change', { severity: 'warning' }));
  expect(await handle.result()).toEqual({ dedupKey: key, sent: 1 });
  expect(chatted(key)).toEqual(['change: change']);
  expect(await pager.incidents(key)).toEqual([]);
  // Not while an incident is open, either.
  await tell(event(key, 'trigger'));
  await tell(event(key, 'change', { severity: 'critical' }));
  await (await tell(event(key, 'resolve'))).result();
  expect(await paged(key)).toEqual(['trigger', 'resolve']);
  expect(await pager.incidents(key)).toMatchObject([{ status: 'resolved', log_entries: [{}, {}] }]);
});

test('each attempt and the next one stand in the details and the books; the other is not kept waiting', async () => {
  const key = newKey();
  chat.plan({ mode: '429', retryAfter: 600 });
  const handle = await tell(event(key, 'trigger'));
  await until(
    async () =>
      /\*\*RETRYING\*\*[\s\S]*\| chat \| trigger \| attempt 1 at 20.*: The webhook answered 429.* Next attempt 20/.test(
        await details(handle),
      ),
    { what: 'the details show the attempt', timeoutMs: 60_000 },
  );
  await tell(event(key, 'resolve'));
  await until(async () => (await paged(key)).length === 2, {
    what: 'on-call was told and told again',
    timeoutMs: 60_000,
  });
  const [failing] = await deliveries(key);
  expect(failing).toMatchObject({ notifier: 'chat', state: 'failing', status: 429, attempts: 1 });
  const next = failing?.next_try_at?.getTime() ?? 0;
  // Never before the service asked for, and not all at once.
  expect(next).toBeGreaterThan(Date.now() + 570_000);
  expect(next).toBeLessThan(Date.now() + 725_000);
  await handle.terminate();
});

test('one that refuses for good keeps nobody from being told, and is loud', async () => {
  const key = newKey();
  chat.plan({ mode: '500', status: 400, times: 1 });
  await tell(event(key, 'trigger'));
  const handle = await tell(event(key, 'resolve'));
  expect(await failure(handle)).toMatch(/was not told .*: chat: trigger "trigger": The webhook refused/);
  expect(await paged(key)).toEqual(['trigger', 'resolve']);
  expect(chatted(key)).toEqual(['resolve: resolve']);
  expect(await deliveries(key)).toMatchObject([
    { notifier: 'chat', action: 'trigger', state: 'undelivered', status: 400 },
    { notifier: 'chat', action: 'resolve', state: 'sent' },
    { notifier: 'pagerduty', state: 'sent' },
    { notifier: 'pagerduty', state: 'sent' },
  ]);
  expect(await details(handle)).toMatch(
    /\*\*NOT DELIVERED\*\*[\s\S]*\| chat \| trigger \| \*\*NOT DELIVERED/,
  );
});

test('one that nobody takes for as long as it is retried is written down; who was told hears of the end', async () => {
  const key = newKey();
  await pager.fail({ mode: '500', until: new Date(Date.now() + 60_000).toISOString() });
  const handle = await tell(event(key, 'trigger'), { retryForMs: 4_000 });
  expect(await failure(handle)).toMatch(/: pagerduty: trigger/);
  expect(await deliveries(key)).toMatchObject([
    { notifier: 'chat', state: 'sent' },
    { notifier: 'pagerduty', state: 'undelivered', status: 500 },
  ]);
  await pager.mend();
  // The workflow has ended; the books know that the chat was told, and on-call was not.
  await (await tell(event(key, 'resolve'))).result();
  expect(chatted(key)).toEqual(['trigger: trigger', 'resolve: resolve']);
  expect(await paged(key)).toEqual([]);
});

test('no secret is in the history, in the failure or in the books', async () => {
  const key = newKey();
  chat.plan({ mode: 'cut', times: 1 });
  await pager.fail({ mode: '500', times: 1 });
  await tell(event(key, 'trigger'));
  await pager.fail({ mode: 'html', times: 1 });
  const handle = await tell(event(key, 'resolve', { timestamp: 'no time' }));
  await failure(handle);
  const kept = [
    Buffer.from(History.encode(await handle.fetchHistory()).finish()).toString('latin1'),
    await details(handle),
    JSON.stringify(await database.admin.selectFrom('control.page_delivery').selectAll().execute()),
  ].join('\n');
  expect(kept).toContain('PagerDuty refused the event for good');
  for (const secret of [ROUTING_KEY, SECRET_PATH, WEBHOOK_KEY]) expect(kept).not.toContain(secret);
});
