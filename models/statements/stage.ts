import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { PublishedModel } from '../model.ts';
import { noteOfKeys, provedKeys } from '../proved-keys.ts';
import type { DeltaBounds } from '../window.ts';
import { columnsOf, rowOf, sameKey, version } from './columns.ts';
import { correctionSetAside, mayComeBack, notSetAside } from './quarantine.ts';
import { selectOf } from './select-of.ts';
import { retractedIn } from './window-condition.ts';

/** Of the versions of a key in the window, the latest. Sorted by key, which is also the order the merge likes. */
function latestOf(model: PublishedModel, where: RawBuilder<unknown>): RawBuilder<unknown> {
  const order = version.map((column) => sql`${sql.ref(`selected.${column}`)} desc`);
  return sql`select distinct on (${columnsOf('selected', model.uniqueKey)}) selected.*
    from ${selectOf(model)} as selected ${where}
    order by ${columnsOf('selected', model.uniqueKey)}, ${sql.join(order)}`;
}

/**
 * Builds a load's candidate: unlogged, as it is made anew after a crash, and in sight of the gate's login.
 *
 * @param setAside the load whose input gate has set rows aside: they are left out before the latest of a key is chosen.
 */
export function createCandidate(
  model: PublishedModel,
  candidate: string,
  setAside: { readonly loadId: number } | null,
): RawBuilder<unknown> {
  return sql`create unlogged table ${sql.id('candidate', candidate)} as ${candidateRows(model, setAside)}`;
}

/** The rows that a model's SELECT makes of what it reads: of a mapping model one a key, the latest. */
export function candidateRows(
  model: PublishedModel,
  setAside: { readonly loadId: number } | null = null,
): RawBuilder<unknown> {
  if (model.shape.kind !== 'map') return sql`select selected.* from ${selectOf(model)} as selected`;
  return latestOf(model, setAside === null ? sql`` : sql`where ${notSetAside('selected', setAside.loadId)}`);
}

/** Leaves with a candidate what the statement that built it makes unique, for its gate. */
export function noteProvedKeys(model: PublishedModel, candidate: string): RawBuilder<unknown> {
  return sql`comment on table ${sql.id('candidate', candidate)} is ${sql.lit(noteOfKeys(provedKeys(model)))}`;
}

/** `delta.<relation>` as a table reference. */
export function deltaOf(relation: string): RawBuilder<unknown> {
  return sql.id('delta', relation);
}

/** How many rows the SELECT of a mapping model makes of the window, before one a key is kept; without those set aside. */
export function countSelected(model: PublishedModel, loadId: number): RawBuilder<{ rows: number }> {
  return sql<{ rows: number }>`select count(*) as rows from ${selectOf(model)} as selected
    where ${notSetAside('selected', loadId)}`;
}

/** How many rows of the delta a candidate's rows come from: fewer than it has where the SELECT makes several of one. */
export function countOrigins(candidate: string): RawBuilder<{ rows: number }> {
  return sql<{ rows: number }>`select count(*) as rows
    from (select distinct _source, _revision, _position from ${sql.id('candidate', candidate)}) as origins`;
}

/**
 * Keeps the rows of the window that a mapping model's SELECT left out, and counts them; what a gate set aside is kept by
 * the gate. A row that is kept already, by an earlier attempt or load, is kept once.
 */
export function keepLeftOut(
  model: PublishedModel,
  delta: string,
  load: { readonly loadId: number; readonly workflowId: string },
): RawBuilder<{ rows: number }> {
  const reason = `left out by the SELECT of ${model.file}`;
  return sql<{ rows: number }>`
    with left_out as (
      select d.* from ${deltaOf(delta)} as d
      where not exists (
        select from ${selectOf(model)} as selected
        where ${sameKey('selected', 'd', ['_source', '_revision', '_position'])}
      ) and ${notSetAside('d', load.loadId)}
    ), kept as (
      insert into control.quarantine (relation, file, revision, position, reason, record, load_id, workflow_id)
      select ${model.relation}, l._source, l._revision, l._position, ${reason}, to_jsonb(l)::text,
        ${load.loadId}::bigint, ${load.workflowId}
      from left_out as l
      on conflict (relation, file, revision, position) where state = 'waiting' do nothing
    )
    select count(*) as rows from left_out`;
}

/** A load whose window retracts versions, and whether its gates have set rows aside. */
interface RetractingLoad {
  readonly loadId: number;
  readonly rowsQuarantined: number;
}

/**
 * Published rows whose version was retracted in the window and that the candidate has nothing later for. What they
 * fall back to, if anything, lies outside of the window. Not those whose correction was set aside: they stand.
 */
function retractedKeys(
  model: PublishedModel,
  candidate: string,
  delta: string,
  bounds: DeltaBounds,
  { loadId, rowsQuarantined }: RetractingLoad,
): RawBuilder<unknown> {
  const unlessKept = rowsQuarantined > 0 ? sql`and not ${correctionSetAside(model, loadId, 't')}` : sql``;
  return sql`select ${columnsOf('t', model.uniqueKey)} from ${sql.table(model.relation)} as t
    where (t._source, t._revision) in (${retractedIn(delta, bounds)})
      and not exists (
        select from ${sql.id('candidate', candidate)} as c
        where ${sameKey('c', 't', model.uniqueKey)} and ${rowOf('c', version)} >= ${rowOf('t', version)}
      ) ${unlessKept}`;
}

/**
 * Whether any published row lost its version in the window: only then is the whole delta worth reading. Counted, as
 * `exists` makes the planner hope for an early hit and search the candidate row by row: 5 s for a file of 100,000 rows.
 */
export function anyRetracted(
  model: PublishedModel,
  candidate: string,
  delta: string,
  bounds: DeltaBounds,
  load: RetractingLoad,
): RawBuilder<{ found: boolean }> {
  return sql<{
    found: boolean;
  }>`select count(*) > 0 as found from (${retractedKeys(model, candidate, delta, bounds, load)}) as lost`;
}

/**
 * Puts what published rows of a retracted version fall back to into the candidate: the latest version that is left of
 * each such key. Run with the delta unbounded below.
 */
export function restoreRetracted(
  model: PublishedModel,
  candidate: string,
  delta: string,
  bounds: DeltaBounds,
  load: RetractingLoad,
): RawBuilder<unknown> {
  const keys = sql`where (${columnsOf('selected', model.uniqueKey)}) in (select * from lost) and ${mayComeBack(model, load.loadId, 'selected')}`;
  return sql`
    with lost as materialized (${retractedKeys(model, candidate, delta, bounds, load)}),
    replaced as (
      delete from ${sql.id('candidate', candidate)} as c
      where (${columnsOf('c', model.uniqueKey)}) in (select * from lost)
    )
    insert into ${sql.id('candidate', candidate)} ${latestOf(model, keys)}`;
}

/** Adds the keys that one touched query finds in the window to those the load recomputes. A row without a key has no group. */
export function addTouchedKeys(model: PublishedModel, query: string, loadId: number): RawBuilder<unknown> {
  const key = model.uniqueKey;
  const present = key.map((column) => sql`${sql.ref(`asked.${column}`)} is not null`);
  return sql`insert into ${touchedKeysOf(model)} (load_id, ${sql.join(key.map((column) => sql.ref(column)))})
    select distinct ${loadId}::bigint, ${columnsOf('asked', key)}
    from (${sql.raw(`${query}\n`)}) as asked where ${sql.join(present, sql` and `)}
    on conflict do nothing`;
}

/** The table of keys that loads of a model recompute. */
export function touchedKeysOf(model: PublishedModel): RawBuilder<unknown> {
  return sql.id('touched', `${model.name}_keys`);
}

/** Whether a query finds anything at all. */
export function findsRows(query: string): RawBuilder<{ found: boolean }> {
  return sql<{ found: boolean }>`select exists (${sql.raw(`${query}\n`)}) as found`;
}
