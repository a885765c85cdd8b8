import { sql } from 'kysely';
import type { Database } from '../databases.ts';
import type { Delivery, PageEvent } from '../notifiers/notifier.ts';

/** A page does not wait for its books. */
const PATIENCE_MS = 2_000;

/** What became of an event at a receiver. */
export interface Recorded {
  readonly event: Pick<PageEvent, 'eventId' | 'dedupKey' | 'action'>;
  readonly notifier: string;
  readonly delivery: Delivery;
  readonly attempts: number;
  /** Of what is tried again. */
  readonly nextTryAt: Date | null;
}

/**
 * Writes down what became of an attempt, as well as that goes: a page goes out although Postgres is down, and whether
 * it was written changes nothing about what is sent. Never throws.
 */
export async function recordDelivery(db: Database | null, recorded: Recorded): Promise<void> {
  if (db !== null) await soon(write(db, recorded));
}

async function write(
  db: Database,
  { event, notifier, delivery, attempts, nextTryAt }: Recorded,
): Promise<void> {
  const tried = {
    state: delivery.delivered
      ? ('sent' as const)
      : delivery.retry
        ? ('failing' as const)
        : ('undelivered' as const),
    status: delivery.status,
    reason: delivery.delivered ? null : delivery.reason,
    attempts,
    next_try_at: nextTryAt,
  };
  const { eventId, dedupKey, action } = event;
  await db
    .insertInto('control.page_delivery')
    .values({ event_id: eventId, dedup_key: dedupKey, notifier, action, ...tried })
    .onConflict((conflict) =>
      conflict
        .columns(['dedup_key', 'event_id', 'notifier'])
        .doUpdateSet({ ...tried, last_tried_at: sql<Date>`pg_catalog.now()` })
        // What was written late, behind a Postgres that did not answer, does not undo that a later attempt was taken.
        .where(sql<boolean>`page_delivery.state <> 'sent' or excluded.state = 'sent'`),
    )
    .execute();
}

/** Writes down that an event is given up: it was not taken for as long as it was retried. Throws what Postgres says. */
export async function recordGivenUp(
  db: Database,
  event: Pick<PageEvent, 'eventId' | 'dedupKey' | 'action'>,
  notifier: string,
  reason: string,
): Promise<void> {
  await db
    .insertInto('control.page_delivery')
    .values({
      event_id: event.eventId,
      dedup_key: event.dedupKey,
      notifier,
      action: event.action,
      state: 'undelivered',
      status: null,
      reason,
      attempts: 0,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['dedup_key', 'event_id', 'notifier'])
        // What the last attempt was answered stays.
        .doUpdateSet({ state: 'undelivered', reason, next_try_at: null })
        .where(sql<boolean>`page_delivery.state <> 'sent'`),
    )
    .execute();
}

/**
 * The receivers at which an incident is open by the books: they took a trigger or an update after their last resolve.
 * Null where the books cannot be asked. Never throws.
 */
export async function receiversTold(
  db: Database | null,
  dedupKey: string,
): Promise<readonly string[] | null> {
  if (db === null) return null;
  const asked = db
    .selectFrom('control.page_delivery')
    .select([
      'notifier',
      sql<boolean>`(array_agg(action order by last_tried_at desc))[1] <> 'resolve'`.as('open'),
    ])
    .where('dedup_key', '=', dedupKey)
    .where('state', '=', 'sent')
    .where('action', '<>', 'change')
    .groupBy('notifier')
    .orderBy('notifier')
    .execute();
  const rows = await soon(asked);
  return rows?.filter(({ open }) => open).map(({ notifier }) => notifier) ?? null;
}

async function soon<T>(work: Promise<T>): Promise<T | null> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => late.resolve(null), PATIENCE_MS);
  try {
    return await Promise.race([work.catch(() => null), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
