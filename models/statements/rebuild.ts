import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { PublishedModel } from '../model.ts';
import { versionColumns } from '../model.ts';
import { columnsOf, differs, rowOf, version } from './columns.ts';
import { mergeWhere, names } from './publish.ts';
import type { MergeCounts, PublishNames } from './publish.ts';
import { correctionSetAside, nextSetAside } from './quarantine.ts';
import { deltaOf, touchedKeysOf } from './stage.ts';

/** What a rebuild of a mapping model reads, and whether retention has taken rows of it. */
export interface Rebuilt {
  readonly delta: string;
  readonly someDropped: boolean;
}

/**
 * Makes the target of a mapping model exactly the candidate, writes only what differs, keeps old images and counts.
 *
 * A published row stays as it is where the rebuild had no chance to make it: its record, or what was to correct it, was
 * set aside by a gate of this load, or retention has taken it.
 *
 * Where rows were set aside it needs the load's window in the session.
 */
export function rebuildMapped(published: PublishNames, rebuilt: Rebuilt): RawBuilder<MergeCounts> {
  const { model, columns } = published;
  const had = sql.join(chances(published, rebuilt), sql` and `);
  const notOlder = sql`${rowOf('c', version)} >= ${rowOf('t', version)}`;
  return mergeWhere(
    published,
    sql`(${notOlder} or (${had})) and ${differs('c', 't', columns, model.uniqueKey)}`,
    sql`when not matched by source and (${had}) then delete`,
  );
}

/** What has to be true of a published row for the rebuild to have had the chance to make it. */
function chances(
  { model, loadId, quarantined }: PublishNames,
  rebuilt: Rebuilt,
): readonly RawBuilder<unknown>[] {
  const { delta, someDropped } = rebuilt;
  const place = sql`(${columnsOf('t', versionColumns)})`;
  return [
    sql`true`,
    ...(quarantined
      ? [
          sql`${place} not in (select ${columnsOf('q', versionColumns)} from control.batch_quarantine as q
            where q.load_id = ${loadId}::bigint and q.gate = 'input' and q._position is not null)`,
          sql`not ${nextSetAside(model, loadId, 't')}`,
          sql`not ${correctionSetAside(model, loadId, 't')}`,
        ]
      : []),
    ...(someDropped
      ? [
          sql`(${place} in (select ${columnsOf('d', versionColumns)} from ${deltaOf(delta)} as d)
            or (t._source, t._revision) in (select r.file, r.revision from control.retraction as r where r.source = ${delta}))`,
        ]
      : []),
  ];
}

/** Adds every key that stands in the target to those a touched model's load recomputes, so that none is left from before. */
export function addPublishedKeys(model: PublishedModel, loadId: number): RawBuilder<unknown> {
  const key = model.uniqueKey;
  return sql`insert into ${touchedKeysOf(model)} (load_id, ${names(key)})
    select ${loadId}::bigint, ${columnsOf('t', key)} from ${sql.table(model.relation)} as t
    on conflict do nothing`;
}
