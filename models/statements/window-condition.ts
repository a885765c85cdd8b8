import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { DeltaBounds } from '../window.ts';

/**
 * True for a transaction that a window by arrival sees and the one before it did not. For small tables only: unlike
 * the two branches of the delta views it uses no index.
 *
 * @param xid a column of type xid8.
 */
function arrivedIn(xid: RawBuilder<unknown>, { from, to }: DeltaBounds): RawBuilder<boolean> {
  const seen = sql`pg_visible_in_snapshot(${xid}, ${to}::pg_snapshot)`;
  if (from === null) return sql<boolean>`${seen}`;
  return sql<boolean>`(${seen} and not pg_visible_in_snapshot(${xid}, ${from}::pg_snapshot))`;
}

/**
 * File and revision of what was retracted of a source within a window, earlier revisions of the same file included: a
 * published row that was left standing because its correction was bad may be of any of them.
 */
export function retractedIn(source: string, bounds: DeltaBounds): RawBuilder<unknown> {
  return sql`select r.file, r.revision from control.retraction as r
    join control.retraction as last on last.source = r.source and last.file = r.file and last.revision >= r.revision
    where r.source = ${source} and ${arrivedIn(sql.ref('last._xid'), bounds)}`;
}
