import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PAGE_SIGNAL } from '../../activities/page/hand-over.ts';
import { pageEvent } from '../activities/notifiers/page-event.ts';
import { testPager, type TestPager } from './incident-worker.ts';

let pager: TestPager;
beforeAll(async () => {
  // An answer that comes too late on a busy machine would be an event that is sent twice.
  pager = await testPager({ timeoutMs: 10_000 });
  await pager.start();
}, 60_000);
afterAll(() => pager.close());

test('40 incidents at a pager that fails 30 % of calls: 40 opened, 40 closed, none doubled or lost', async () => {
  const { client, taskQueue } = pager.temporal;
  await pager.fail({ mode: '500', share: 0.3, seed: 20_261_122 });
  const keys = Array.from({ length: 40 }, (_, index) => `weir/test/storm-${index}/transactions`);
  const tell = (dedupKey: string, action: 'trigger' | 'update' | 'resolve') =>
    client.workflow.signalWithStart('incident', {
      workflowId: `incident/${dedupKey}`,
      taskQueue,
      args: [{ dedupKey, pageTaskQueue: `${taskQueue}-page`, firstRetryMs: 50 }],
      signal: PAGE_SIGNAL,
      signalArgs: [pageEvent({ dedupKey, action, eventId: randomUUID() })],
    });
  await Promise.all(keys.map((key) => tell(key, 'trigger')));
  const handles = await Promise.all(keys.map((key) => tell(key, 'resolve')));
  await Promise.all(handles.map((handle) => handle.result()));
  const taken = await pager.taken();
  expect(taken.toSorted()).toEqual(keys.flatMap((key) => [`resolve ${key}`, `trigger ${key}`]).toSorted());
  const incidents = await pager.incidents();
  expect(incidents).toHaveLength(40);
  expect(incidents.every(({ status }) => status === 'resolved')).toBe(true);
}, 120_000);
