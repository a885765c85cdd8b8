import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { parseSnapshot } from '../window.ts';
import type { DeltaBounds, Window } from '../window.ts';

/** A relation whose rows a window chooses from. */
export interface Windowed {
  readonly name: string;
  /** What windows by event time read; null: such a window finds nothing here. */
  readonly timeColumn: string | null;
  /** Whether that column has a time zone; one without is read as UTC. */
  readonly zoned: boolean;
}

/**
 * True for the rows of a relation that a window reads: what the view `delta.<name>` shows under the window's settings,
 * but for retracted revisions. Its bounds are bound values, which the planner sees: it estimates them, uses the index on
 * `_xid` where that pays, and compares no row with a setting that has to be read and cast again. Over a million rows
 * the view takes five times as long.
 *
 * @param alias of the relation.
 */
export function windowRows(relation: Windowed, window: Window, alias: string): RawBuilder<boolean> {
  const xid = sql.ref(`${alias}._xid`);
  switch (window.kind) {
    case 'whole':
      return everyRow;
    case 'arrival': {
      const bounds = window.deltas[relation.name];
      return bounds === undefined ? everyRow : arrived(xid, bounds);
    }
    case 'interval':
      return window.deltas.includes(relation.name) ? happened(relation, window, alias) : everyRow;
  }
}

const everyRow = sql<boolean>`true`;

function arrived(xid: RawBuilder<unknown>, { from, to }: DeltaBounds): RawBuilder<boolean> {
  if (from === null) return seen(xid, to);
  const { xmax, xip } = parseSnapshot(from);
  const since = sql`${xid} >= ${xmax}::xid8`;
  const inFlight = sql`${xid} = any (${listed(xip)})`;
  return sql<boolean>`${xip.length === 0 ? since : sql`(${since} or ${inFlight})`} and ${seen(xid, to)}`;
}

function seen(xid: RawBuilder<unknown>, to: string): RawBuilder<boolean> {
  const { xmax, xip } = parseSnapshot(to);
  const before = sql<boolean>`${xid} < ${xmax}::xid8`;
  return xip.length === 0 ? before : sql<boolean>`${before} and ${xid} <> all (${listed(xip)})`;
}

function happened(
  { timeColumn, zoned }: Windowed,
  { start, end, to }: Extract<Window, { kind: 'interval' }>,
  alias: string,
): RawBuilder<boolean> {
  if (timeColumn === null) return sql<boolean>`false`;
  const time = sql.ref(`${alias}.${timeColumn}`);
  const bound = (instant: string): RawBuilder<unknown> =>
    zoned ? sql`${instant}::timestamptz` : sql`(${instant}::timestamptz at time zone 'UTC')`;
  return sql<boolean>`${time} >= ${bound(start)} and ${time} < ${bound(end)} and ${seen(sql.ref(`${alias}._xid`), to)}`;
}

function listed(xids: readonly string[]): RawBuilder<unknown> {
  return sql`${`{${xids.join(',')}}`}::xid8[]`;
}

/** True for the rows of a source's files that no later revision of their file has replaced. */
export function notRetracted(source: string, alias: string): RawBuilder<boolean> {
  return sql<boolean>`not exists (
    select from as_of.retracted as r where r.source = ${source}
      and r.file = ${sql.ref(`${alias}._source`)} and r.revision = ${sql.ref(`${alias}._revision`)}
  )`;
}
