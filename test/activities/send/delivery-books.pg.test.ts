import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordDelivery, recordGivenUp } from '../../../activities/send/delivery-books.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { pageEvent } from '../notifiers/page-event.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

test('what was taken stays so, although an earlier attempt is written down after it', async () => {
  const db = database.databases.loader;
  const event = pageEvent({ eventId: 'e' });
  const told = { event, notifier: 'on-call', nextTryAt: null };
  const not = {
    delivered: false,
    status: 500,
    dedupKey: 'k',
    retry: true,
    retryAfterMs: null,
    reason: '500',
  } as const;
  const row = () =>
    database.admin
      .selectFrom('control.page_delivery')
      .select(['state', 'status', 'attempts', 'reason'])
      .executeTakeFirstOrThrow();
  await recordDelivery(db, { ...told, delivery: not, attempts: 1 });
  expect(await row()).toMatchObject({ state: 'failing', status: 500 });
  await recordDelivery(db, {
    ...told,
    delivery: { delivered: true, status: 202, dedupKey: 'k' },
    attempts: 3,
  });
  await recordDelivery(db, { ...told, delivery: not, attempts: 2 });
  await recordGivenUp(db, event, 'on-call', 'a day is over');
  expect(await row()).toEqual({ state: 'sent', status: 202, attempts: 3, reason: null });
});
