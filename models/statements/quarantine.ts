import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { PublishedModel } from '../model.ts';
import { versionColumns } from '../model.ts';
import { selectOf } from './select-of.ts';
import { columnsOf, sameKey } from './columns.ts';

/**
 * True for rows that a load's input gate has not set aside.
 *
 * @param alias of rows that carry the place of the row they come from.
 */
export function notSetAside(alias: string, loadId: number): RawBuilder<unknown> {
  return sql`not exists (
    select from as_of.quarantined as q
    where q.load_id = ${loadId}::bigint and ${sameKey('q', alias, versionColumns)}
  )`;
}

/**
 * True for rows that a key may fall back to: not set aside by this load's input gate, nor by that of a load that was
 * published without them, unless one has published them after all, or somebody has released them since. A row may have been
 * set aside several times before it was released: what each of them is marked as says nothing of that.
 *
 * @param alias of rows that carry the place of the row they come from.
 */
export function mayComeBack(model: PublishedModel, loadId: number, alias: string): RawBuilder<unknown> {
  return sql`not exists (
    select from control.batch_quarantine as q join control.load as l on l.load_id = q.load_id
    where q.gate = 'input' and q.model = ${model.name} and ${sameKey('q', alias, versionColumns)}
      and not exists (
        select from control.quarantine_decision as d
        where d.decision = 'released' and d.relation = ${model.shape.kind === 'map' ? model.shape.delta : ''} and d.decided_at >= q.quarantined_at and ${sameKey('d', 'q', ['_source', '_revision', '_position'])}
      )
      and (q.load_id = ${loadId}::bigint or l.state = 'published' and not exists (
        select from ${sql.id('changes', model.name)} as was where ${sameKey('was', 'q', versionColumns)}
      ))
  )`;
}

/**
 * True for published rows whose next version a load's output gate has set aside. They stay as they were: that a row was
 * bad does not say that there is none.
 *
 * @param alias of rows that have the model's key.
 */
export function nextSetAside(model: PublishedModel, loadId: number, alias: string): RawBuilder<boolean> {
  return setAsideAfter(model, loadId, alias, model.uniqueKey);
}

/** True for rows that agree in some columns with a row that a load's output gate has set aside. */
function setAsideAfter(
  model: PublishedModel,
  loadId: number,
  alias: string,
  columns: readonly string[],
): RawBuilder<boolean> {
  const present = columns.map((column) => sql`${sql.ref(`aside.${column}`)} is not null`);
  return sql<boolean>`(${columnsOf(alias, columns)}) in (
    select ${columnsOf('aside', columns)} from control.batch_quarantine as q
    cross join lateral pg_catalog.jsonb_populate_record(null::${sql.table(model.relation)}, q.record) as aside
    where q.load_id = ${loadId} and q.gate = 'output' and ${sql.join(present, sql` and `)}
  )`;
}

/**
 * True for published rows whose correction a gate of this load has set aside, before the SELECT or after it. A file that
 * came again withdraws the version that stands; while what it says instead is bad, that version is the best there is. What
 * another file says of the key is no correction: bad or not, the version is gone.
 *
 * Needs the load's window in the session.
 *
 * @param alias of rows that have the model's key.
 */
export function correctionSetAside(
  model: PublishedModel,
  loadId: number,
  alias: string,
): RawBuilder<boolean> {
  const key = [...new Set([...model.uniqueKey, '_source'])];
  return sql<boolean>`(${setAsideAfter(model, loadId, alias, key)} or (${columnsOf(alias, key)}) in (
    select ${columnsOf('corrected', key)} from ${selectOf(model)} as corrected
    where (${columnsOf('corrected', versionColumns)}) in (
      select ${columnsOf('q', versionColumns)} from control.batch_quarantine as q
      where q.load_id = ${loadId}::bigint and q.gate = 'input'
    ) and (${columnsOf('corrected', key)}) is not null
  ))`;
}
