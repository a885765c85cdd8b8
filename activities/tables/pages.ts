import type { ColumnType } from 'kysely';
import type { DefaultedTimestamp } from './column-types.ts';

/** What became of an event at a receiver; made by `infra/migrations/022-page-delivery.sql`. */
export interface PageDeliveryTable {
  event_id: string;
  dedup_key: string;
  /** The receiver, by its name in the routing file. */
  notifier: string;
  action: 'trigger' | 'update' | 'resolve' | 'change';
  /** `undelivered`: refused for good, or not taken for a day. */
  state: 'sent' | 'failing' | 'undelivered';
  /** HTTP, of the last attempt; null: no answer. */
  status: number | null;
  reason: string | null;
  attempts: number;
  first_tried_at: DefaultedTimestamp;
  last_tried_at: DefaultedTimestamp;
  next_try_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}
