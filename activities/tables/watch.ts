import type { ColumnType, Generated } from 'kysely';
import type { DefaultedTimestamp, Json, Timestamp } from './column-types.ts';

/** How far the watch has looked, by what for. */
export interface WatchMarkTable {
  what: string;
  at: Timestamp;
}

/** A run that ended and was looked at. */
export interface WatchEndedRunTable {
  run_id: string;
  ended_at: Timestamp;
}

/** What is not well: seen once, or told of. */
export interface WatchAlarmTable {
  alarm: 'runEnded' | 'tasksFailing' | 'scheduleMissed';
  subject: string;
  state: 'seen' | 'raised';
  since: Timestamp;
  /** The run that ended last. */
  run_id: string | null;
  /** The runs whose tasks keep failing. */
  runs: ColumnType<unknown, string | undefined, string>;
}

/** What on-call is to be told, in order. */
export interface WatchPageTable {
  watch_page_id: Generated<number>;
  page: Json;
  made_at: DefaultedTimestamp;
  told_at: ColumnType<Date | null, never, Date | string>;
}

/** What was seen of a schedule. */
export interface WatchScheduleTable {
  schedule_id: string;
  seen_at: Timestamp;
  paused_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
}
