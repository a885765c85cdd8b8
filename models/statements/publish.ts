import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { PublishedModel } from '../model.ts';
import type { DeltaBounds } from '../window.ts';
import { columnsOf, differs, rowOf, sameKey, version } from './columns.ts';
import { correctionSetAside, nextSetAside } from './quarantine.ts';
import { touchedKeysOf } from './stage.ts';
import { retractedIn } from './window-condition.ts';

/** What is published into what. */
export interface PublishNames {
  readonly model: PublishedModel;
  readonly candidate: string;
  readonly loadId: number;
  /** Whether a gate of the load has set rows aside. */
  readonly quarantined: boolean;
  /** The target's columns without `_xid`, all of which the candidate has. */
  readonly columns: readonly string[];
}

/** What a merge did, in rows. */
export interface MergeCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

function changesOf(model: PublishedModel): RawBuilder<unknown> {
  return sql.id('changes', model.name);
}

/** The names alone, listed. */
export function names(columns: readonly string[]): RawBuilder<unknown> {
  return sql.join(columns.map((column) => sql.ref(column)));
}

/** Keeps the old images of what a statement named `written` updated or deleted, for those who read the changes. */
function keepOldImages(
  { model, loadId, columns }: PublishNames,
  where: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`insert into ${changesOf(model)} (${names(columns)}, _load_id)
    select ${columnsOf('written', columns)}, ${loadId}::bigint from written ${where}`;
}

/** True for rows whose version was retracted, but for those that stand until their correction is mended. */
function isWithdrawn({ model, loadId, quarantined }: PublishNames, retracted: RawBuilder<unknown>) {
  const unlessKept = quarantined ? sql`and not ${correctionSetAside(model, loadId, 't')}` : sql``;
  return sql`(t._source, t._revision) in (${retracted}) ${unlessKept}`;
}

/** Only a version that is not older may replace a row, unless the published version was itself retracted. */
function mayReplace(published: PublishNames, retracted: RawBuilder<unknown> | null): RawBuilder<unknown> {
  const notOlder = sql`${rowOf('c', version)} >= ${rowOf('t', version)}`;
  return retracted === null ? notOlder : sql`(${notOlder} or ${isWithdrawn(published, retracted)})`;
}

/**
 * Merges the candidate into the target, keeps old images and counts, all in one statement and one pass.
 *
 * Guarded twice: by version in mapping models, and by whether anything that counts differs, so that a replay writes
 * nothing. A full refresh also deletes what the candidate lacks, but for rows whose next version was set aside.
 *
 * @param retraction set when the window retracts versions of the delta that a mapping model reads.
 */
export function mergeCandidate(
  published: PublishNames,
  retraction: { readonly delta: string; readonly bounds: DeltaBounds } | null,
): RawBuilder<MergeCounts> {
  const { model, columns } = published;
  const changed = differs('c', 't', columns, model.uniqueKey);
  const retracted = retraction === null ? null : retractedIn(retraction.delta, retraction.bounds);
  const guard = model.shape.kind === 'map' ? mayReplace(published, retracted) : sql`true`;
  const kept = published.quarantined ? sql`and not ${nextSetAside(model, published.loadId, 't')}` : sql``;
  const gone = model.shape.kind === 'whole' ? sql`when not matched by source ${kept} then delete` : sql``;
  return mergeWhere(published, sql`${guard} and ${changed}`, gone);
}

/**
 * One merge of the candidate, with the old images kept and what it did counted.
 *
 * @param replaces true where the candidate's row `c` takes the place of the published one, `t`.
 * @param gone what becomes of published rows that the candidate lacks; empty: they stay.
 */
export function mergeWhere(
  published: PublishNames,
  replaces: RawBuilder<unknown>,
  gone: RawBuilder<unknown>,
): RawBuilder<MergeCounts> {
  const { model, candidate, columns } = published;
  const assignments = columns
    .filter((column) => !model.uniqueKey.includes(column))
    .map((column) => sql`${sql.ref(column)} = ${sql.ref(`c.${column}`)}`);
  return sql<MergeCounts>`
    with written as (
      merge into ${sql.table(model.relation)} as t
      using ${sql.id('candidate', candidate)} as c on ${sameKey('t', 'c', model.uniqueKey)}
      when matched and ${replaces} then update set ${sql.join([...assignments, sql`_xid = default`])}
      when not matched then insert (${names(columns)}) values (${columnsOf('c', columns)})
      ${gone}
      returning merge_action() as _merge_action, ${columnsOf('old', columns)}
    ), kept as (${keepOldImages(published, sql`where written._merge_action <> 'INSERT'`)})
    select count(*) filter (where _merge_action = 'INSERT') as inserted,
      count(*) filter (where _merge_action = 'UPDATE') as updated,
      count(*) filter (where _merge_action = 'DELETE') as deleted
    from written`;
}

/** Deletes the published rows of touched keys that the SELECT no longer has a row for, neither good nor set aside. */
export function deleteTouched(published: PublishNames): RawBuilder<{ deleted: number }> {
  const { model, candidate, columns, loadId, quarantined } = published;
  const unlessSetAside = quarantined ? sql`and not ${nextSetAside(model, loadId, 't')}` : sql``;
  return sql<{ deleted: number }>`
    with written as (
      delete from ${sql.table(model.relation)} as t using ${touchedKeysOf(model)} as k
      where k.load_id = ${loadId} and ${sameKey('t', 'k', model.uniqueKey)}
        and not exists (select from ${sql.id('candidate', candidate)} as c where ${sameKey('c', 'k', model.uniqueKey)})
        ${unlessSetAside}
      returning ${columnsOf('t', columns)}
    ), kept as (${keepOldImages(published, sql``)})
    select count(*) as deleted from written`;
}

/** Deletes the published rows whose version was retracted in the window and that nothing has replaced. */
export function deleteRetracted(
  published: PublishNames,
  retraction: { readonly delta: string; readonly bounds: DeltaBounds },
): RawBuilder<{ deleted: number }> {
  const { model, columns } = published;
  return sql<{ deleted: number }>`
    with written as (
      delete from ${sql.table(model.relation)} as t
      where ${isWithdrawn(published, retractedIn(retraction.delta, retraction.bounds))}
      returning ${columnsOf('t', columns)}
    ), kept as (${keepOldImages(published, sql``)})
    select count(*) as deleted from written`;
}
