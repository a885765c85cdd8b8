import type { FailingRow } from './compile.ts';
import type { BoundExpectation } from './define-expectation.ts';
import type { Json, JsonObject } from './json.ts';
import type { ResultFormat } from './result-format.ts';

/** Failing rows of one expectation. */
export interface Evidence {
  /** As many as the format asks for. */
  readonly rows: readonly FailingRow[];
  /** SQL that lists them all; null where the format does not ask for it. */
  readonly query: string | null;
}

/** The lists of a result, as Great Expectations has them in each format. */
export function evidenceFields(
  bound: BoundExpectation,
  format: ResultFormat,
  { rows, query }: Evidence,
): JsonObject {
  const { level, partial } = format;
  const told = query === null ? {} : { unexpected_index_query: query };
  // Nothing else is told, but the query when it is asked for.
  if (level === 'BOOLEAN_ONLY') return query === null ? {} : { ...told, ...keyNames(bound, format) };
  const some = rows.slice(0, partial);
  return {
    ...(format.keysOnly ? {} : valueFields(bound, format, rows)),
    // As many as the partial lists have, whatever the level, as in Great Expectations.
    ...(format.wholeRows ? { unexpected_rows: some } : {}),
    ...keyFields(bound, format, rows),
    ...told,
  };
}

function valueFields(
  bound: BoundExpectation,
  { level, partial }: ResultFormat,
  rows: readonly FailingRow[],
): JsonObject {
  const values = rows.map((row) => valueOf(bound, row));
  const some = values.slice(0, partial);
  if (level === 'BASIC') return { partial_unexpected_list: some };
  const complete = level === 'COMPLETE';
  const counts = countValues(bound, complete ? rows : rows.slice(0, partial), partial);
  return {
    partial_unexpected_list: some,
    ...(counts === null || partial === 0 ? {} : { partial_unexpected_counts: counts }),
    ...(complete ? { unexpected_list: values } : {}),
  };
}

function keyFields(
  { columns, indexed }: BoundExpectation,
  { level, key, partial, keysOnly }: ResultFormat,
  rows: readonly FailingRow[],
): JsonObject {
  if (key.length === 0) return {};
  const names = keyNames({ indexed }, { key });
  if (level === 'BASIC' || !indexed.lists) return names;
  const kept = [...new Set([...key, ...columns])];
  // Great Expectations cuts both lists of keys where it cuts the partial ones; the query lists the rest.
  const some = rows.slice(0, partial);
  const listed = keysOnly
    ? keysApart(key, some)
    : some.map((row) => Object.fromEntries(kept.map((name) => [name, row[name] ?? null])));
  return {
    ...names,
    ...(partial === 0 ? {} : { partial_unexpected_index_list: listed }),
    ...(level === 'COMPLETE' ? { unexpected_index_list: listed } : {}),
  };
}

function keyNames(
  { indexed }: Pick<BoundExpectation, 'indexed'>,
  { key }: Pick<ResultFormat, 'key'>,
): JsonObject {
  return key.length > 0 && indexed.names ? { unexpected_index_column_names: key } : {};
}

/** Without values, Great Expectations gives one list a column. */
function keysApart(key: readonly string[], rows: readonly FailingRow[]): readonly JsonObject[] {
  if (rows.length === 0) return [];
  return [Object.fromEntries(key.map((name) => [name, rows.map((row) => row[name] ?? null)]))];
}

/** One column gives its value, several an object, or a list where the type says so. */
function valueOf({ columns, listed }: BoundExpectation, row: FailingRow): Json {
  const [only] = columns;
  if (columns.length === 1 && only !== undefined) return row[only] ?? null;
  if (listed) return partsOf(columns, row);
  return Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
}

function partsOf(columns: readonly string[], row: FailingRow): readonly Json[] {
  return columns.map((column) => row[column] ?? null);
}

interface Counted {
  readonly parts: readonly Json[];
  readonly count: number;
}

/**
 * How often each value is among the rows, the most frequent first. Null where Great Expectations gives none: it sorts
 * values of one frequency, and Python cannot sort NULL among others.
 */
function countValues(
  { columns }: BoundExpectation,
  rows: readonly FailingRow[],
  most: number,
): readonly JsonObject[] | null {
  const counts = new Map<string, Counted>();
  for (const row of rows) {
    const parts = partsOf(columns, row);
    const text = JSON.stringify(parts);
    counts.set(text, { parts, count: (counts.get(text)?.count ?? 0) + 1 });
  }
  const frequent = [...counts.values()].sort((a, b) => b.count - a.count).slice(0, most);
  if (frequent.some((one, index) => frequent.slice(index + 1).some((other) => isUnsortable(one, other)))) {
    return null;
  }
  return frequent.map(({ parts, count }) => ({
    value: parts.length === 1 ? (parts[0] ?? null) : parts,
    count,
  }));
}

function isUnsortable(one: Counted, other: Counted): boolean {
  if (one.count !== other.count) return false;
  const at = one.parts.findIndex(
    (part, index) => JSON.stringify(part) !== JSON.stringify(other.parts[index]),
  );
  return at >= 0 && (one.parts[at] === null) !== (other.parts[at] === null);
}
