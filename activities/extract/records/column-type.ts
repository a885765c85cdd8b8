import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { SourceModel } from '../../../models/model.ts';
import { isTypeName } from '../../../models/sql-tree.ts';

/** A column of a source and its type as the header has it. */
export interface TypedColumn {
  readonly name: string;
  readonly type: string;
}

/** The columns of a source in the order of its header. */
export function columnsOf(source: SourceModel): readonly TypedColumn[] {
  return Object.entries(source.columns).map(([name, { type }]) => ({ name, type: type ?? 'text' }));
}

const timestampWithoutZone = /^timestamp(\(\d\))?( without time zone)?$/;
const calendar = /^(date|time)/;

/** Whether a type is a date or time, for which Postgres knows words such as "now" and "infinity". */
export function isCalendar(type: string): boolean {
  return calendar.test(type);
}

/**
 * The type that a column's text is read as. A timestamp without zone takes the text's zone for nothing:
 * `2017-01-01T02:00+02:00` would be 02:00. It is read with its zone and kept as UTC; where the text has none, the
 * session's is UTC.
 */
export function readAs(type: string): string {
  return timestampWithoutZone.test(type) ? 'timestamptz' : type;
}

/** A text as a value of a column's type. */
export function castText(text: RawBuilder<unknown>, type: string): RawBuilder<unknown> {
  if (readAs(type) === type) return sql`${text}::${typeName(type)}`;
  return sql`(${text}::timestamptz at time zone 'UTC')`;
}

/** The type of an array's elements; null of what is no array. */
export function elementType(type: string): string | null {
  return type.endsWith('[]') ? type.slice(0, -2) : null;
}

/** A type's name as SQL. @throws Error for text that is none. */
export function typeName(type: string): RawBuilder<unknown> {
  if (!isTypeName(type)) throw new Error(`${JSON.stringify(type)} is not the name of a type.`);
  // oxlint-disable-next-line no-restricted-properties -- A type cannot be bound; the parser has said that it is one.
  return sql.raw(type);
}
