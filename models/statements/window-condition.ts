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

/** File and revision of what was retracted of a source within a window. */
export function retractedIn(source: string, bounds: DeltaBounds): RawBuilder<unknown> {
  return sql`select r.file, r.revision from control.retraction as r
    where r.source = ${source} and ${arrivedIn(sql.ref('r._xid'), bounds)}`;
}
