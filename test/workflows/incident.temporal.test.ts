import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { PageEvent } from '../../activities/notifiers/notifier.ts';
import { PAGE_SIGNAL, type PageRetry } from '../../activities/page.ts';
import { pageEvent } from '../activities/notifiers/page-event.ts';
import { until } from '../poll.ts';
import { keepHistory } from '../setup/histories.ts';
import { testPager, type TestPager } from './incident-worker.ts';

let pager: TestPager;
beforeAll(async () => {
  pager = await testPager();
  await pager.start();
});
afterEach(() => pager.mend());
afterAll(() => pager.close());

const QUICKLY: PageRetry = { firstRetryMs: 100 };

function newKey(): string {
  return `weir/test/${randomUUID()}/transactions`;
}

function trigger(dedupKey: string, changes: Partial<PageEvent> = {}): PageEvent {
  return pageEvent({ dedupKey, eventId: randomUUID(), ...changes });
}

function resolve(dedupKey: string, changes: Partial<PageEvent> = {}): PageEvent {
  return trigger(dedupKey, { action: 'resolve', severity: 'info', summary: 'passed', ...changes });
}

async function tell(event: PageEvent, retry: PageRetry = QUICKLY): Promise<WorkflowHandle> {
  const { client, taskQueue } = pager.temporal;
  return client.workflow.signalWithStart('incident', {
    workflowId: `incident/${event.dedupKey}`,
    taskQueue,
    args: [{ dedupKey: event.dedupKey, pageTaskQueue: `${taskQueue}-page`, ...retry }],
    signal: PAGE_SIGNAL,
    signalArgs: [event],
  });
}

async function details(handle: WorkflowHandle): Promise<string> {
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}

async function undelivered(handle: WorkflowHandle): Promise<string> {
  const error: unknown = await handle.result().then(
    () => null,
    (failure: unknown) => failure,
  );
  const cause = error instanceof WorkflowFailedError ? error.cause : null;
  if (!(cause instanceof ApplicationFailure))
    throw new Error('expected the incident to fail', { cause: error });
  expect(cause.type).toBe('PageUndelivered');
  return cause.message;
}

function opened(dedupKey: string, times = 1): Promise<unknown> {
  return until(
    async () => (await pager.taken()).filter((taken) => taken === `trigger ${dedupKey}`).length === times,
    { what: `${times} trigger(s) of ${dedupKey}`, timeoutMs: 60_000 },
  );
}

test('opens an incident, stays while it is open, and ends when it is resolved', async () => {
  const key = newKey();
  const handle = await tell(trigger(key));
  await opened(key);
  expect(await pager.incidents(key)).toMatchObject([{ status: 'triggered', severity: 'critical' }]);
  // The service has the event a moment before the workflow has the answer.
  await until(
    async () => /^\*\*OPEN\*\* · weir\/test[\s\S]*\| trigger \|.*\| 202, 20/.test(await details(handle)),
    {
      what: 'the details show the answer',
      timeoutMs: 60_000,
    },
  );
  expect((await handle.describe()).status.name).toBe('RUNNING');
  await tell(resolve(key));
  expect(await handle.result()).toEqual({ dedupKey: key, sent: 2 });
  await keepHistory('incident-receivers', handle);
  expect(await pager.incidents(key)).toMatchObject([{ status: 'resolved' }]);
});

test('opens a new incident under the same key after a resolve', async () => {
  const key = newKey();
  await tell(trigger(key));
  await (await tell(resolve(key))).result();
  await tell(trigger(key));
  await opened(key, 2);
  await (await tell(resolve(key))).result();
  expect(await pager.incidents(key)).toMatchObject([{ status: 'resolved' }, { status: 'resolved' }]);
});

test('sends an event once, however often it comes', async () => {
  const key = newKey();
  const event = trigger(key);
  for (let retry = 0; retry < 5; retry++) await tell(event);
  await tell(trigger(key, { summary: 'a later hour' }));
  await tell(event);
  await (await tell(resolve(key))).result();
  const [incident] = await pager.incidents(key);
  expect(incident?.log_entries.map(({ type }) => type)).toEqual(['trigger', 'trigger', 'resolve']);
});

test('never sends a delayed trigger after its resolve', async () => {
  const key = newKey();
  await pager.fail({ mode: '500', times: 4 });
  await tell(trigger(key));
  const handle = await tell(resolve(key));
  await handle.result();
  expect((await pager.taken()).filter((taken) => taken.endsWith(key))).toEqual([
    `trigger ${key}`,
    `resolve ${key}`,
  ]);
  expect(await pager.incidents(key)).toMatchObject([{ status: 'resolved' }]);
});

test('loses nothing and keeps order while the pager fails in every way it can', async () => {
  const keys = Array.from({ length: 4 }, newKey);
  for (const mode of ['500', 'hang', 'cut', 'html', '429', '500', 'hang', 'cut', 'html', '500']) {
    await pager.fail({ mode, times: 2, retryAfter: 1 });
  }
  const events = keys.flatMap((key) => [
    trigger(key),
    trigger(key),
    resolve(key),
    trigger(key),
    resolve(key),
  ]);
  const handles = [];
  for (const event of events) handles.push(await tell(event));
  await Promise.all(handles.map((handle) => handle.result()));
  const taken = await pager.taken();
  for (const key of keys) {
    expect(taken.filter((one) => one.endsWith(key)).map((one) => one.split(' ')[0])).toEqual([
      'trigger',
      'trigger',
      'resolve',
      'trigger',
      'resolve',
    ]);
    expect(await pager.incidents(key)).toMatchObject([{ status: 'resolved' }, { status: 'resolved' }]);
  }
});

test('sends again when only the answer was lost: one incident, no harm', async () => {
  const key = newKey();
  await pager.fail({ mode: 'cut', accept: true });
  await tell(trigger(key));
  await (await tell(resolve(key))).result();
  expect(await pager.incidents(key)).toMatchObject([{ status: 'resolved' }]);
});

test('keeps what waits while no worker runs, and sends it in order', async () => {
  const key = newKey();
  await pager.stopWorkers();
  await tell(trigger(key));
  await tell(resolve(key));
  await tell(trigger(key));
  const handle = await tell(resolve(key));
  await pager.start();
  expect(await handle.result()).toEqual({ dedupKey: key, sent: 4 });
  expect(await pager.incidents(key)).toMatchObject([{ status: 'resolved' }, { status: 'resolved' }]);
});

test('an event that is refused for good is loud, and does not stop what follows it', async () => {
  const key = newKey();
  await tell(trigger(key));
  await opened(key);
  await pager.fail({ mode: '500', times: 2 });
  await tell(trigger(key, { timestamp: 'not a time' }));
  const handle = await tell(resolve(key));
  expect(await undelivered(handle)).toMatch(
    /was not told .* refused the event for good: .*'payload.timestamp'/,
  );
  expect(await pager.incidents(key)).toMatchObject([{ status: 'resolved' }]);
  expect(await details(handle)).toMatch(
    /\*\*NOT DELIVERED\*\*[\s\S]*\*\*NOT DELIVERED\*\*: PagerDuty refused/,
  );
});

test('an event that nobody takes for as long as it is retried is loud', async () => {
  const key = newKey();
  await pager.fail({ mode: '500', until: new Date(Date.now() + 60_000).toISOString() });
  const handle = await tell(trigger(key), { firstRetryMs: 100, retryForMs: 1_500 });
  expect(await undelivered(handle)).toMatch(/not taken by any attempt in its time|PagerDuty answered 500/);
  await pager.mend();
  await tell(trigger(key));
  await opened(key);
  await (await tell(resolve(key))).result();
});

test('shows in its time line what it sends', async () => {
  const key = newKey();
  await tell(trigger(key, { summary: 'ü'.repeat(1_000) }));
  const handle = await tell(resolve(key));
  await handle.result();
  const { events } = await handle.fetchHistory();
  const summaries = (events ?? [])
    .filter((event) => event.activityTaskScheduledEventAttributes)
    .map((event) => Buffer.from(event.userMetadata?.summary?.data ?? []).toString());
  expect(summaries).toEqual([
    '"to whom: trigger"',
    expect.stringMatching(/^"trigger to pagerduty: üüü/),
    '"resolve to pagerduty: passed"',
  ]);
});
