import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { SourceModel } from '../../../models/model.ts';
import { castText, columnsOf, elementType, isCalendar, readAs, typeName } from '../records/column-type.ts';
import type { TypedColumn } from '../records/column-type.ts';
import type { LandedRecords, Revision } from '../records/revision.ts';

/** What a statement did with some lines. */
export interface LandedLines extends LandedRecords {
  /** How many of those that landed had each column. */
  readonly present: Readonly<Record<string, number>>;
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
  const columns = columnsOf(source);
  const values = columns.map(({ name, type }) => valueOf(name, type));
  const wrong = sql.join(
    columns.map(({ name, type }) => sql`when ${notOf(name, type)} then ${name}`),
    sql` `,
  );
  return sql<LandedLines>`
    with line as (
      select ${first}::bigint + number - 1 as position,
        case when strpos(text, e'\\r') > 0 then rtrim(text, e'\\r') else text end as text
      from string_to_table(${text}::text, e'\\n') with ordinality as t (text, number)
      where text !~ '^[ \\t\\r]*$'
    ), read as materialized (
      select position, text, ${parsed} as record from line
    ), checked as materialized (
      select position, text, record, case
        when record is null and pg_input_is_valid(text, 'json') then 'JSON that Postgres cannot hold: a \\u0000 or a number too large'
        when record is null then 'not valid JSON'
        when jsonb_typeof(record) <> 'object' then 'not an object'
        ${reasons(columns, required)}
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
    ), told as (
      select case reason ${wrong} end as wrong, count(*) as times from checked where reason is not null group by 1
    )
    ${counts(columns.map(({ name }) => name))}`;
}

/** Cases that say why an object named `record` is no record of a source: what it lacks, and what is of another type. */
export function reasons(columns: readonly TypedColumn[], required: readonly string[]): RawBuilder<unknown> {
  const lacking = required.map((name) => sql`when not record ? ${name} then ${`lacks ${name}`}`);
  const wrong = columns.map(({ name, type }) => sql`when ${isWrong(name, type)} then ${notOf(name, type)}`);
  return sql.join([...lacking, ...wrong], sql` `);
}

function counts(names: readonly string[]): RawBuilder<LandedLines> {
  return sql`select (select count(*) from checked where reason is null) as landed,
      (select coalesce(sum(times), 0)::bigint from told) as rejected,
      (select coalesce(jsonb_object_agg(wrong, times) filter (where wrong is not null), '{}') from told) as wrong,
      ${present(names)} as present`;
}

/**
 * A line as jsonb, NULL where it is none. Asking whether it is jsonb costs as much as making it; whether it is JSON a
 * fifth of that, and JSON is jsonb but for escapes, numbers with exponents, and what is very long.
 */
const parsed = sql`case
  when strpos(text, '\\u') = 0 and octet_length(text) < 16000 and text !~ '(^|[:,[\\s])-?[0-9.]+[eE]'
    and pg_input_is_valid(text, 'json') then text::jsonb
  when pg_input_is_valid(text, 'jsonb') then text::jsonb
end`;

function notOf(name: string, type: string): string {
  return `${name} is not ${type}`;
}

function present(names: readonly string[]): RawBuilder<unknown> {
  const counts = names.map((name) => sql`${name}::text, count(*) filter (where record ? ${name})`);
  return sql`(select jsonb_build_object(${sql.join(counts)}) from checked where reason is null)`;
}

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
  if (type === 'text') return nested;
  // Words such as "now" and "infinity" are times to Postgres and none in a record.
  const word = isCalendar(type) ? sql` or ${text} !~ '^[0-9]'` : sql``;
  return sql`(${nested}${word} or not pg_input_is_valid(${text}, ${readAs(type)}))`;
}

/** A column's value in an object named `record` that `reasons` has nothing against. */
export function valueOf(name: string, type: string): RawBuilder<unknown> {
  const value = sql`(record -> ${name})`;
  if (type === 'jsonb' || type === 'json') return sql`nullif(${value}, 'null')::${typeName(type)}`;
  const element = elementType(type);
  if (element !== null) {
    return sql`case when jsonb_typeof(${value}) = 'array' then array(
        select (e.value #>> '{}')::${typeName(element)} from jsonb_array_elements(${value}) with ordinality as e (value, at) order by e.at
      ) end`;
  }
  return castText(sql`(record ->> ${name})`, type);
}
