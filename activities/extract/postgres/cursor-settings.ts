import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { durationSeconds } from '../../../models/duration.ts';
import type { SourceModel } from '../../../models/model.ts';
import { isCalendar, typeName } from '../records/column-type.ts';
import { postgresSettings } from './settings.ts';
import type { PostgresSettings } from './settings.ts';

/** Settings of a source that is read by a cursor column. */
export interface CursorSettings extends PostgresSettings {
  readonly cursor: string;
  /** `t.<cursor>`. */
  readonly column: RawBuilder<unknown>;
  /** Whether the cursor is a time, of whatever kind. */
  readonly isTime: boolean;
  /** A value of the cursor, less the lookback. */
  readonly lessLookback: (value: string) => RawBuilder<unknown>;
  /** A text as a value of the cursor. */
  readonly typed: (value: RawBuilder<unknown>) => RawBuilder<unknown>;
  /** True for rows at or above what was read, less the lookback; for all that have a cursor before the first extract. */
  readonly above: (last: string | null) => RawBuilder<boolean>;
  /** What this way to read cannot see, in a sentence. */
  readonly misses: string;
}

/** The settings of a source that the reader's `check` has nothing against. */
export function cursorSettings(source: SourceModel): CursorSettings {
  const { cursor: name, lookback } = source.settings;
  const cursor = String(name);
  const type = source.columns[cursor]?.type ?? 'text';
  const isTime = isCalendar(type);
  const column = sql.ref(`t.${cursor}`);
  // With a zone, so that `now()` and what a source keeps with or without one compare: every session is in UTC.
  const typed = (value: RawBuilder<unknown>): RawBuilder<unknown> =>
    isTime ? sql`${value}::timestamptz` : sql`${value}::${typeName(type)}`;
  const lessLookback = (value: string): RawBuilder<unknown> =>
    isTime
      ? sql`(${typed(sql`${value}::text`)} - make_interval(secs => ${durationSeconds(String(lookback))}::float8))`
      : sql`(${typed(sql`${value}::text`)} - ${Number(lookback)}::numeric)`;
  return {
    ...postgresSettings(source),
    cursor,
    column,
    isTime,
    typed,
    lessLookback,
    above: (last) =>
      last === null ? sql<boolean>`${column} is not null` : sql<boolean>`${column} >= ${lessLookback(last)}`,
    misses:
      `Misses: a row that commits with a ${cursor} more than ${String(lookback)} below the highest there was, ` +
      `one that changes while its ${cursor} stays or is NULL, and one that is deleted.`,
  };
}
