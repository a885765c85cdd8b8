import type { Sql } from '../../expectations/scan.ts';
import type { Setting } from '../../models/window.ts';
import type { Database } from '../databases.ts';

/** Text and names in quotes, which may hold a `$1` that is none, and the places of bound values. */
const QUOTED_OR_PLACE =
  /"(?:[^"]|"")*"|\b[eE]'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|\$(?:[A-Za-z_]\w*)?\$|\$(\d+)/g;

/**
 * A statement as text that psql runs, its bound values written as literals. It is shown to people and never sent.
 *
 * @see https://www.postgresql.org/docs/18/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS
 */
export function renderSql(trx: Database, query: Sql): string {
  return renderCompiled(query.compile(trx));
}

/** The same of a statement that has been compiled. */
export function renderCompiled({
  sql,
  parameters,
}: {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}): string {
  let text = '';
  let done = 0;
  QUOTED_OR_PLACE.lastIndex = 0;
  for (let found = QUOTED_OR_PLACE.exec(sql); found !== null; found = QUOTED_OR_PLACE.exec(sql)) {
    const [token, place] = found;
    if (place !== undefined) {
      text += `${sql.slice(done, found.index)}${literal(parameters[Number(place) - 1])}`;
      done = found.index + token.length;
    } else if (token.startsWith('$')) {
      // Text in dollars ends with the same mark.
      const end = sql.indexOf(token, found.index + token.length);
      QUOTED_OR_PLACE.lastIndex = end < 0 ? sql.length : end + token.length;
    }
  }
  return text + sql.slice(done);
}

/**
 * A statement with what it needs around it, to be pasted into psql: it reads under the settings given, of which empty
 * ones count as not set, and changes nothing.
 */
export function renderTransaction(settings: readonly Setting[], statement: string): string {
  return [
    'begin transaction isolation level repeatable read, read only;',
    ...[['TimeZone', 'UTC'] as const, ...settings].flatMap(([name, value]) =>
      value === '' ? [] : [`set local ${settingName(name)} = ${settingValue(name, value)};`],
    ),
    `${statement};`,
    'commit;',
  ].join('\n');
}

function settingName(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}

/** A search path in quotes would be one schema of that name. */
function settingValue(name: string, value: string): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  return name === 'search_path'
    ? value
        .split(',')
        .map((one) => quoted(one.trim()))
        .join(', ')
    : quoted(value);
}

/** What moves a terminal's cursor or colours its text; line breaks and tabs may stand. */
// oxlint-disable-next-line no-control-regex -- Those are what it is about.
const CONTROLS = /[\u0001-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** A value without a type takes the one its place asks for, bound or written so. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  const text = Array.isArray(value) ? arrayText(value) : plainText(value);
  const quoted = `'${text.replaceAll("'", "''")}'`;
  if (text.search(CONTROLS) < 0) return quoted;
  const escaped = quoted.replaceAll('\\', '\\\\').replaceAll(CONTROLS, escapeOf);
  return `E${escaped}`;
}

function escapeOf(control: string): string {
  return `\\u${(control.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
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
