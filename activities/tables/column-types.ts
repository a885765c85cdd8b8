import type { ColumnType } from 'kysely';

/** Postgres hands `timestamptz` out as a Date; ISO text may be written. */
export type Timestamp = ColumnType<Date, Date | string, Date | string>;
/** The same, set by the database where it is left out. */
export type DefaultedTimestamp = ColumnType<Date, Date | string | undefined, Date | string>;
/** `jsonb` comes parsed, and is written as JSON text. */
export type Json = ColumnType<unknown, string, string>;
