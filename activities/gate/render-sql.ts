import type { Sql } from '../../expectations/scan.ts';
import type { DatabaseTransaction } from '../databases.ts';

/**
 * A statement as text that psql runs, its bound values written as literals. It is shown to people and never sent.
 *
 * @see https://www.postgresql.org/docs/18/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS
 */
export function renderSql(trx: DatabaseTransaction, query: Sql): string {
  const { sql, parameters } = query.compile(trx);
  // Quoted names may hold a `$1` too; they are passed over.
  return sql.replaceAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'|\$(\d+)/g, (found, place: string | undefined) =>
    place === undefined ? found : literal(parameters[Number(place) - 1]),
  );
}

/** A value without a type takes the one its place asks for, bound or written so. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  const text = Array.isArray(value) ? arrayText(value) : plainText(value);
  return `'${text.replaceAll("'", "''")}'`;
}

function arrayText(values: readonly unknown[]): string {
  const items = values.map((value) => {
    if (value === null || value === undefined) return 'NULL';
    return Array.isArray(value) ? arrayText(value) : `"${plainText(value).replaceAll(/["\\]/g, '\\$&')}"`;
  });
  return `{${items.join(',')}}`;
}

function plainText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
