import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { receiversTold, recordDelivery } from '../../../activities/send/delivery-books.ts';
import { openDatabase } from '../../../workers/databases.ts';
import { pageEvent } from '../notifiers/page-event.ts';

const recorded = {
  event: pageEvent(),
  notifier: 'on-call',
  delivery: { delivered: true, status: 202, dedupKey: 'k' },
  attempts: 1,
  nextTryAt: null,
} as const;

test('a page waits neither for a Postgres that is away nor for one that does not answer', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const began = performance.now();
  // Port 9 is "discard": nobody listens there on a machine of today.
  for (const port of [9, address.port]) {
    const db = openDatabase(`postgres://weir:weir@127.0.0.1:${port}/weir`, 'weir test', 1);
    await recordDelivery(db, recorded);
    expect(await receiversTold(db, 'k')).toBeNull();
  }
  // Twice the patience, for each of two questions.
  expect(performance.now() - began).toBeLessThan(15_000);
  silent.close();
});

test('without books nothing is written, and nobody is known to have been told', async () => {
  await recordDelivery(null, recorded);
  expect(await receiversTold(null, 'k')).toBeNull();
});
