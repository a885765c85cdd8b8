import { parseSync } from 'libpg-query';
import type { Node, SelectStmt } from 'libpg-query';
import type { PublishedModel } from './model.ts';
import { impliedName, names } from './sql-tree.ts';

/** Columns that no two rows of a candidate share, because of how it was built. */
export interface ProvedKey {
  readonly columns: readonly string[];
  /** The words of SQL that see to it, and where they stand. */
  readonly by: string;
}

/**
 * What the statement that stages a model makes unique.
 *
 * A mapping model keeps one version of each key. Of any other the SELECT is staged as it is, and proves the key it is
 * grouped by or made distinct on: at its top, where no join, union or function that returns several rows comes after.
 */
export function provedKeys(
  model: Pick<PublishedModel, 'shape' | 'uniqueKey' | 'sql' | 'file'>,
): readonly ProvedKey[] {
  if (model.shape.kind === 'map') {
    const by = `DISTINCT ON (${model.uniqueKey.join(', ')}), by which ${model.file} is staged`;
    return [{ columns: model.uniqueKey, by }];
  }
  const statement = parseSync(model.sql).stmts?.[0]?.stmt;
  if (statement === undefined || !('SelectStmt' in statement)) return [];
  return [...groupedBy(statement.SelectStmt), ...distinctOn(statement.SelectStmt)].map(
    ({ columns, words }) => ({
      columns,
      by: `${words} in ${model.file}`,
    }),
  );
}

interface Found {
  readonly columns: readonly string[];
  readonly words: string;
}

/** What Postgres takes an output column's name for, where a list of expressions says it. */
type NameMeans = 'input' | 'output';

function groupedBy(select: SelectStmt): readonly Found[] {
  const clause = select.groupClause ?? [];
  if (clause.length === 0 || clause.some((one) => 'GroupingSet' in one)) return [];
  // Functions that return several rows multiply groups, also where only their order is by one; those that are known not
  // to are few enough to name.
  if (![select.targetList, select.sortClause, select.windowClause].every(returnsOneRow)) return [];
  const columns = outputsOf(clause, select, 'input');
  return columns === null ? [] : [{ columns, words: `GROUP BY (${columns.join(', ')})` }];
}

function distinctOn(select: SelectStmt): readonly Found[] {
  const clause = select.distinctClause ?? [];
  if (clause.length === 0) return [];
  // SELECT DISTINCT is parsed as a list of one thing that is nothing.
  if (clause.every((one) => Object.keys(one).length === 0)) {
    const columns = (select.targetList ?? []).map(outputName);
    return columns.every((name) => name !== null) ? [{ columns, words: 'DISTINCT' }] : [];
  }
  const columns = outputsOf(clause, select, 'output');
  return columns === null ? [] : [{ columns, words: `DISTINCT ON (${columns.join(', ')})` }];
}

/**
 * The output columns that show what a clause lists, every one of it; null where one of them is not shown.
 *
 * A bare name in GROUP BY is a column of what is read before it is one of the output, in DISTINCT ON the other way round.
 *
 * @see https://www.postgresql.org/docs/18/sql-select.html#SQL-GROUPBY
 */
function outputsOf(
  clause: readonly Node[],
  select: SelectStmt,
  nameMeans: NameMeans,
): readonly string[] | null {
  const targets = select.targetList ?? [];
  const shown = clause.map((one) => {
    const position = positionOf(one);
    if (position !== null) return targets[position - 1];
    const name = nameMeans === 'output' ? bareName(one) : null;
    const named = name === null ? undefined : targets.find((target) => outputName(target) === name);
    return named ?? targets.find((target) => sameExpression(valueOf(target), one));
  });
  const columns = shown.map((target) => (target === undefined ? null : outputName(target)));
  return columns.every((name) => name !== null) ? [...new Set(columns)] : null;
}

function positionOf(node: Node): number | null {
  return 'A_Const' in node ? (node.A_Const.ival?.ival ?? null) : null;
}

function bareName(node: Node): string | null {
  if (!('ColumnRef' in node)) return null;
  const [only, ...others] = node.ColumnRef.fields ?? [];
  if (only === undefined || others.length > 0 || !('String' in only)) return null;
  return only.String.sval ?? null;
}

function valueOf(target: Node): Node | undefined {
  return 'ResTarget' in target ? target.ResTarget.val : undefined;
}

function outputName(target: Node): string | null {
  if (!('ResTarget' in target)) return null;
  const { name, val } = target.ResTarget;
  const shown = name ?? (val === undefined ? null : impliedName(val));
  return shown === '*' ? null : shown;
}

function sameExpression(a: Node | undefined, b: Node): boolean {
  return a !== undefined && withoutPlaces(a) === withoutPlaces(b);
}

function withoutPlaces(node: Node): string {
  return JSON.stringify(node, (key, value: unknown) => (key === 'location' ? undefined : value));
}

/** Functions of Postgres that return one row each; a load finds no other of their names. */
const ONE_ROW: ReadonlySet<string> = new Set(
  (
    'count sum avg min max any_value bool_and bool_or every string_agg array_agg jsonb_agg json_agg jsonb_object_agg ' +
    'stddev stddev_pop stddev_samp variance var_pop var_samp corr percentile_cont percentile_disc mode ' +
    'row_number rank dense_rank lag lead first_value last_value ' +
    'round trunc ceil ceiling floor abs sign mod power sqrt exp ln log ' +
    'now date_trunc date_part extract timezone to_char to_date to_timestamp make_date age date_bin ' +
    'lower upper initcap btrim ltrim rtrim substring substr left right length char_length replace concat concat_ws ' +
    'lpad rpad split_part position md5 sha256 encode translate format regexp_replace ' +
    'jsonb_build_object jsonb_array_length jsonb_typeof to_jsonb cardinality array_length'
  ).split(' '),
);

/** True for parsed SQL that calls nothing but functions that are known to return one row. */
export function returnsOneRow(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(returnsOneRow);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([tag, inner]) => {
    if (tag === 'FuncCall' && !isKnown(inner)) return false;
    return returnsOneRow(inner);
  });
}

function isKnown(call: unknown): boolean {
  if (typeof call !== 'object' || call === null || !('funcname' in call)) return false;
  const parts = names(call.funcname);
  const schema = parts.length > 1 ? parts[0] : 'pg_catalog';
  return parts.length < 3 && schema === 'pg_catalog' && ONE_ROW.has(parts.at(-1) ?? '');
}

const NOTE = 'weir: one row a key ';

/** A note to leave with the candidate, so that what proves its key stays with its rows, whatever becomes of the files. */
export function noteOfKeys(keys: readonly ProvedKey[]): string {
  return `${NOTE}${JSON.stringify(keys)}`;
}

/** What {@link noteOfKeys} wrote; nothing for any other text. */
export function readProvedKeys(note: string | null): readonly ProvedKey[] {
  if (note === null || !note.startsWith(NOTE)) return [];
  const read: unknown = JSON.parse(note.slice(NOTE.length));
  return Array.isArray(read) ? read.filter(isProvedKey) : [];
}

function isProvedKey(value: unknown): value is ProvedKey {
  if (typeof value !== 'object' || value === null || !('columns' in value) || !('by' in value)) return false;
  const { columns, by } = value;
  return (
    Array.isArray(columns) && columns.every((name) => typeof name === 'string') && typeof by === 'string'
  );
}
