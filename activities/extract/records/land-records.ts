import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { SourceModel } from '../../../models/model.ts';
import { castText, columnsOf, isCalendar, readAs } from './column-type.ts';
import type { LandedRecords, Revision } from './revision.ts';

/** Texts or numbers; or the same as Postgres writes an array, when they only pass through on their way from one to another. */
export type Values = readonly (string | number | null)[] | string;

/** Some records, a list of values a column, all of one length. */
export interface RecordChunk {
  readonly positions: Values;
  /** Each record as it came: kept where it is rejected. */
  readonly texts: Values;
  /** By column of the source, in its order: the values' texts. `inTexts`: each text is a JSON array of them. */
  readonly columns: readonly Values[] | 'inTexts';
  /** Why a record is none, null where it is one. Null: all are. */
  readonly problems: Values | null;
}

/** How the texts of values are to be taken. */
export interface TextRules {
  /** Words such as "now" and "infinity" are times to Postgres: in a file they are none, from a database they are. */
  readonly words: boolean;
}

/**
 * Lands records whose values are texts in one statement: those of the right types in bronze, the others in quarantine
 * with the reason, which names column and type and no value.
 *
 * Postgres itself says what is of a type (`pg_input_is_valid`), so that nothing which passes here can fail there.
 */
export function landRecords(
  source: SourceModel,
  revision: Revision,
  chunk: RecordChunk,
  { words }: TextRules,
): RawBuilder<LandedRecords> {
  const columns = columnsOf(source).map((column, index) => ({ ...column, text: sql.ref(`c${index}`) }));
  const wrong = columns.flatMap(({ name, type, text }) => {
    const notOfType = type === 'text' ? null : sql`not pg_input_is_valid(${text}, ${readAs(type)})`;
    const word = isCalendar(type) && !words ? sql`${text} !~ '^[0-9]' or ` : sql``;
    return notOfType === null
      ? []
      : [sql`when ${text} is not null and (${word}${notOfType}) then ${name}::text`];
  });
  const types = sql.join(
    columns.map(({ name, type }) => sql`when ${name} then ${`${name} is not ${type}`}`),
    sql` `,
  );
  return sql<LandedRecords>`
    with record as (
      ${recordsOf(
        chunk,
        columns.map(({ text }) => text),
      )}
    ), checked as materialized (
      select *, (case when problem is not null then null ${sql.join(wrong, sql` `)} end)::text as wrong from record
    ), rejected as (
      insert into control.quarantine (relation, file, revision, position, reason, record, workflow_id)
      select ${source.relation}, ${revision.file}, ${revision.revision}, position,
        coalesce(problem, case wrong ${types} end), text, ${revision.workflowId}
      from checked where problem is not null or wrong is not null
    ), landed as (
      insert into ${sql.table(source.relation)}
        (${sql.join(columns.map(({ name }) => sql.ref(name)))}, _source, _revision, _load, _position, _record_hash)
      select ${sql.join(columns.map(({ type, text }) => castText(text, type)))}, ${revision.file}, ${revision.revision},
        ${revision.loadSequence}, position, md5(text)::uuid
      from checked where problem is null and wrong is null
    ), reason as (
      select wrong, count(*) as times from checked where problem is not null or wrong is not null group by wrong
    )
    select (select count(*) from checked where problem is null and wrong is null) as landed,
      (select coalesce(sum(times), 0)::bigint from reason) as rejected,
      (select coalesce(jsonb_object_agg(wrong, times) filter (where wrong is not null), '{}') from reason) as wrong`;
}

function recordsOf(chunk: RecordChunk, aliases: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  const common = sql`${chunk.positions}::bigint[], ${chunk.texts}::text[], ${chunk.problems ?? '{}'}::text[]`;
  if (chunk.columns === 'inTexts') {
    const values = aliases.map((alias, index) => sql`value ->> ${index}::int as ${alias}`);
    return sql`select r.*, c.* from unnest(${common}) as r (position, text, problem)
      cross join lateral (select ${sql.join(values)} from (select r.text::jsonb as value) as v) as c`;
  }
  const columns = sql.join(chunk.columns.map((values) => sql`${values}::text[]`));
  return sql`select * from unnest(${common}, ${columns}) as r (position, text, problem, ${sql.join(aliases)})`;
}
