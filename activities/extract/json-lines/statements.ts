import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { SourceModel } from '../../../models/model.ts';
import { isTypeName } from '../../../models/sql-tree.ts';

/** Which revision of which file lines belong to. */
export interface Revision {
  readonly file: string;
  readonly revision: number;
  readonly loadSequence: number;
  readonly workflowId: string;
}

/** What a statement did with some lines. */
export interface LandedLines {
  readonly landed: number;
  readonly rejected: number;
}

/**
 * Lands some lines in one statement: those that are records in bronze, the others in quarantine with the reason. A
 * reason names column and type and no value. Blank lines are neither; a line's number counts them.
 *
 * Postgres itself says what is JSON and what is of a type (`pg_input_is_valid`), so that no line which passes here can
 * fail there.
 *
 * @param required columns whose key a record must have.
 * @param text whole lines, UTF-8 without NUL.
 * @param first number of the first line.
 */
export function landLines(
  source: SourceModel,
  required: readonly string[],
  revision: Revision,
  text: Buffer,
  first: number,
): RawBuilder<LandedLines> {
  const columns = Object.entries(source.columns).map(([name, { type }]) => ({ name, type: type ?? 'text' }));
  const reasons = [
    ...required.map((name) => sql`when not record ? ${name} then ${`lacks ${name}`}`),
    ...columns.map(({ name, type }) => sql`when ${isWrong(name, type)} then ${`${name} is not ${type}`}`),
  ];
  const values = columns.map(({ name, type }) => valueOf(name, type));
  return sql<LandedLines>`
    with line as (
      select ${first}::bigint + number - 1 as position, rtrim(text, e'\\r') as text
      from string_to_table(${text}::text, e'\\n') with ordinality as t (text, number)
      where btrim(text, e' \\t\\r') <> ''
    ), read as materialized (
      select position, text, case when pg_input_is_valid(text, 'jsonb') then text::jsonb end as record from line
    ), checked as materialized (
      select position, text, record, case
        when record is null and pg_input_is_valid(text, 'json') then 'JSON that Postgres cannot hold: a \\u0000 or a number too large'
        when record is null then 'not valid JSON'
        when jsonb_typeof(record) <> 'object' then 'not an object'
        ${sql.join(reasons, sql` `)}
      end as reason
      from read
    ), rejected as (
      insert into control.quarantine (relation, file, revision, position, reason, record, workflow_id)
      select ${source.relation}, ${revision.file}, ${revision.revision}, position, reason, text, ${revision.workflowId}
      from checked where reason is not null
    ), landed as (
      insert into ${sql.table(source.relation)}
        (${sql.join(columns.map(({ name }) => sql.ref(name)))}, _source, _revision, _load, _position, _record_hash)
      select ${sql.join(values)}, ${revision.file}, ${revision.revision}, ${revision.loadSequence}, position, md5(text)::uuid
      from checked where reason is null
    )
    select count(*) filter (where reason is null) as landed, count(*) filter (where reason is not null) as rejected
    from checked`;
}

/** Keeps the note that a file could not be unpacked. It has no line: position 0. */
export function rejectFile(
  source: SourceModel,
  revision: Omit<Revision, 'loadSequence'>,
  reason: string,
): RawBuilder<unknown> {
  return sql`
    insert into control.quarantine (relation, file, revision, position, reason, workflow_id)
    values (${source.relation}, ${revision.file}, ${revision.revision}, 0, ${reason}, ${revision.workflowId})`;
}

/** Keeps a line that is not text, byte by byte. */
export function rejectBytes(
  source: SourceModel,
  revision: Revision,
  position: number,
  bytes: Buffer,
): RawBuilder<unknown> {
  return sql`
    insert into control.quarantine (relation, file, revision, position, reason, record_bytes, workflow_id)
    values (${source.relation}, ${revision.file}, ${revision.revision}, ${position},
      'not UTF-8 text, or with a NUL byte', ${bytes}, ${revision.workflowId})`;
}

/** Keeps a line of text that no statement can look at. */
export function rejectText(
  source: SourceModel,
  revision: Revision,
  position: number,
  text: Buffer,
  reason: string,
): RawBuilder<unknown> {
  return sql`
    insert into control.quarantine (relation, file, revision, position, reason, record, workflow_id)
    values (${source.relation}, ${revision.file}, ${revision.revision}, ${position}, ${reason},
      rtrim(${text}::text, e'\\r\\n'), ${revision.workflowId})`;
}

const timestampWithoutZone = /^timestamp(\(\d\))?( without time zone)?$/;
const calendar = /^(date|time)/;

/** True where a record's value is there and cannot be of the column's type. */
function isWrong(name: string, type: string): RawBuilder<unknown> {
  const value = sql`(record -> ${name})`;
  const text = sql`(record ->> ${name})`;
  if (type === 'jsonb' || type === 'json') return sql`false`;
  const element = elementType(type);
  if (element !== null) {
    return sql`case coalesce(jsonb_typeof(${value}), 'null') when 'null' then false when 'array' then exists (
        select from jsonb_array_elements(${value}) as e (value)
        where jsonb_typeof(e.value) in ('object', 'array') or not pg_input_is_valid(e.value #>> '{}', ${element})
      ) else true end`;
  }
  const nested = sql`jsonb_typeof(${value}) in ('object', 'array')`;
  // Words such as "now" and "infinity" are times to Postgres and none in a record.
  const word = calendar.test(type) ? sql` or ${text} !~ '^[0-9]'` : sql``;
  return sql`(${nested}${word} or not pg_input_is_valid(${text}, ${readAs(type)}))`;
}

function valueOf(name: string, type: string): RawBuilder<unknown> {
  const value = sql`(record -> ${name})`;
  if (type === 'jsonb' || type === 'json') return sql`nullif(${value}, 'null')::${typeName(type)}`;
  const element = elementType(type);
  if (element !== null) {
    return sql`case when jsonb_typeof(${value}) = 'array' then array(
        select (e.value #>> '{}')::${typeName(element)} from jsonb_array_elements(${value}) with ordinality as e (value, at) order by e.at
      ) end`;
  }
  const text = sql`(record ->> ${name})`;
  if (readAs(type) === type) return sql`${text}::${typeName(type)}`;
  return sql`(${text}::timestamptz at time zone 'UTC')`;
}

/**
 * A timestamp without zone takes the text's zone for nothing: `2017-01-01T02:00+02:00` would be 02:00. It is read with
 * its zone and kept as UTC; where the text has none, the session's is UTC.
 */
function readAs(type: string): string {
  return timestampWithoutZone.test(type) ? 'timestamptz' : type;
}

function elementType(type: string): string | null {
  return type.endsWith('[]') ? type.slice(0, -2) : null;
}

function typeName(type: string): RawBuilder<unknown> {
  if (!isTypeName(type)) throw new Error(`${JSON.stringify(type)} is not the name of a type.`);
  // oxlint-disable-next-line no-restricted-properties -- A type cannot be bound; the parser has said that it is one.
  return sql.raw(type);
}
