import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { JsonObject } from '../../expectations/json.ts';
import type { SourceModel } from '../../models/model.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { reasons, valueOf } from '../extract/json-lines/statements.ts';
import { columnsOf } from '../extract/records/column-type.ts';
import type { TypedColumn } from '../extract/records/column-type.ts';
import type { Kept } from './kept-rows.ts';

/** What bronze says of a row beside what was delivered: no part of its record, or no two deliveries would be the same. */
const added = ['loaded_at', '_source', '_revision', '_load', '_position', '_record_hash', '_xid'] as const;

/** How rows are mended: what some columns should say, or a whole record. */
export interface Mend {
  readonly set: JsonObject;
  readonly record: JsonObject | null;
}

/** What became of one row. */
export interface Mended {
  /** `b7`. */
  readonly id: string;
  /** Why it could not be written; no value of it. */
  readonly problem: string | null;
  /** The transaction that had last written its row in bronze; null of a record that was no row. */
  readonly xidBefore: string | null;
}

/** Names and places, as rows named `item`. */
function itemsOf(kept: readonly Kept[]): RawBuilder<unknown> {
  return sql`item as (
    select * from unnest(${kept.map(({ id }) => id)}::text[], ${kept.map(({ file }) => file)}::text[],
      ${kept.map(({ revision }) => revision)}::int[], ${kept.map(({ position }) => position)}::bigint[])
      as i (id, _source, _revision, _position)
  )`;
}

function namesOf(columns: readonly TypedColumn[]): RawBuilder<unknown> {
  return sql.join(columns.map(({ name }) => sql.ref(name)));
}

/**
 * Writes rows that stand in bronze anew at their place, with what is mended, so that they arrive again. The one
 * exception to bronze's being appended to only: the row as it was stays in quarantine.
 *
 * Where any cannot be written, none is.
 */
export async function mendRows(
  trx: DatabaseTransaction,
  source: SourceModel,
  kept: readonly Kept[],
  { set, record }: Mend,
): Promise<readonly Mended[]> {
  const wanted: JsonObject = { ...record, ...set };
  const columns = columnsOf(source).filter(({ name }) => record !== null || Object.hasOwn(wanted, name));
  const values = columns.map(
    ({ name, type }, index) => sql`${valueOf(name, type)} as ${sql.ref(`v${index}`)}`,
  );
  const assigned = columns.map(({ name }, index) => sql`${sql.ref(name)} = ${sql.ref(`m.v${index}`)}`);
  const hashed = columns.length > 0 ? [sql`_record_hash = md5(m.record::text)::uuid`] : [];
  const { rows } = await sql<Mended>`
    with ${itemsOf(kept)}, stood as materialized (
      select b._source, b._revision, b._position, b._xid as xid, to_jsonb(b.*) - ${[...added]}::text[] as record
      from ${sql.table(source.relation)} as b
      where (b._source, b._revision, b._position) in (select _source, _revision, _position from item)
    ), read as materialized (
      select item.id, stood._source, stood._revision, stood._position, stood.xid,
        ${record === null ? sql`stood.record || ${JSON.stringify(wanted)}::jsonb` : sql`${JSON.stringify(wanted)}::jsonb`} as record
      from item left join stood on (stood._source, stood._revision, stood._position) = (item._source, item._revision, item._position)
    ), checked as materialized (
      select *, case when xid is null then ${`its row is not in ${source.relation} any more: deliver it again`}
        ${reasons(columns, record === null ? [] : requiredOf(source))} end as problem
      from read
    ), mended as materialized (
      select distinct on (_source, _revision, _position) _source, _revision, _position, record
        ${values.length > 0 ? sql`, ${sql.join(values)}` : sql``}
      from checked where not exists (select from checked where problem is not null)
    ), written as (
      update ${sql.table(source.relation)} as b set ${sql.join([...assigned, ...hashed, sql`_xid = default`])}
      from mended as m where (b._source, b._revision, b._position) = (m._source, m._revision, m._position)
    )
    select id, problem, xid::text as "xidBefore" from checked`.execute(trx);
  return rows;
}

/**
 * Lands records that never became rows, as their reader would have: at the place where they were delivered, in the
 * order of their file.
 *
 * Where any is no record yet, none lands.
 */
export async function insertRecords(
  trx: DatabaseTransaction,
  source: SourceModel,
  kept: readonly Kept[],
  { set, record }: Mend,
): Promise<readonly Mended[]> {
  const columns = columnsOf(source);
  const values = columns.map(({ name, type }) => valueOf(name, type));
  const delivered = sql`case when pg_input_is_valid(q.record, 'jsonb') then q.record::jsonb end`;
  const base = record === null ? delivered : sql`${JSON.stringify(record)}::jsonb`;
  const { rows } = await sql<Mended>`
    with ${itemsOf(kept)}, read as materialized (
      select item.*, l.load_sequence, ${base} as base
      from item
      join control.quarantine as q on q.quarantine_id = substr(item.id, 2)::bigint
      left join control.landing as l on l.source = ${source.name} and l.file = item._source and l.revision = item._revision
    ), object as materialized (
      select *, case when jsonb_typeof(base) = 'object' then base || ${JSON.stringify(set)}::jsonb end as record from read
    ), checked as materialized (
      select *, case when load_sequence is null then 'its file is not noted as landed: deliver it again'
        when record is null then 'what was delivered is no JSON object to mend: give the whole record (--record)'
        ${reasons(columns, requiredOf(source))} end as problem
      from object
    ), landed as (
      insert into ${sql.table(source.relation)} (${namesOf(columns)}, _source, _revision, _load, _position, _record_hash)
      select ${sql.join(values)}, _source, _revision, load_sequence, _position, md5(record::text)::uuid
      from checked where not exists (select from checked where problem is not null)
    )
    select id, problem, null as "xidBefore" from checked`.execute(trx);
  return rows;
}

/** Columns without which there is no record, as the source's header says. */
function requiredOf({ settings }: SourceModel): readonly string[] {
  const { record } = settings;
  return Array.isArray(record) ? record.map(String) : [];
}
