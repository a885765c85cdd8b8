import { hasSqlDetails, loadModule, parseSync } from 'libpg-query';
import type { Node, SelectStmt } from 'libpg-query';

// Postgres's own parser as WebAssembly: 24 ms once, about a millisecond a model.
await loadModule();

/** A relation or function that SQL names, and the line (from 1) of the text that names it. */
export interface Named {
  readonly schema: string | null;
  readonly name: string;
  readonly line: number;
}

/** One SELECT, read by Postgres's parser. */
export interface Select {
  readonly relations: readonly Named[];
  readonly functions: readonly Named[];
  /** Clock keywords (`current_date`, …) with the line of each. */
  readonly clocks: readonly Named[];
  /** Output columns; name null where the SELECT gives none, `*` for a star. */
  readonly columns: readonly { readonly name: string | null; readonly line: number }[];
  /** Whether rows are grouped or made distinct at the top. */
  readonly groups: boolean;
}

/** Why a text is not one plain SELECT. */
export interface SelectProblem {
  readonly line: number;
  readonly problem: string;
  readonly mend: string;
}

/** Parses a text that must be exactly one SELECT that changes nothing. */
export function parseSelect(text: string): { readonly select: Select } | SelectProblem {
  let statements;
  try {
    // The parser takes no empty text; a file can be all header.
    statements = text === '' ? [] : (parseSync(text).stmts ?? []);
  } catch (error) {
    if (!hasSqlDetails(error)) throw error;
    const line = text.slice(0, error.sqlDetails?.cursorPosition ?? 0).split('\n').length;
    return { line, problem: `SQL: ${error.message}`, mend: 'Run the file in psql to see it there.' };
  }
  const only = statements[0]?.stmt;
  if (statements.length !== 1 || only === undefined || !('SelectStmt' in only)) {
    const line =
      statements[1]?.stmt_location === undefined ? 1 : lineOfByte(text, statements[1].stmt_location + 1);
    const found =
      statements.length === 1 ? Object.keys(only ?? {}).join() : `${statements.length} statements`;
    return { line, problem: `expected exactly one SELECT, found ${found}`, mend: 'Keep one SELECT a file.' };
  }
  const walk = newWalk(text);
  visit(walk, only, new Set());
  if (walk.change !== null) return walk.change;
  const { relations, functions, clocks } = walk;
  return {
    select: {
      relations,
      functions,
      clocks,
      columns: outputColumns(text, only.SelectStmt),
      groups: groups(only.SelectStmt),
    },
  };
}

/** True when a text is one type name, such as `numeric(12,2)`. */
export function isTypeName(text: string): boolean {
  if (!/^[a-z][a-z0-9_ ]*(\(\d+(,\s*\d+)?\))?[a-z ]*(\[\])?$/.test(text)) return false;
  try {
    const target = JSON.stringify(parseSync(`select null::${text}`).stmts?.[0]?.stmt ?? {});
    return target.includes('"TypeCast"') && !target.includes('"name"');
  } catch {
    return false;
  }
}

interface Walk {
  readonly lineOf: (location: number | undefined) => number;
  readonly relations: Named[];
  readonly functions: Named[];
  readonly clocks: Named[];
  change: SelectProblem | null;
}

function newWalk(text: string): Walk {
  const lineOf = (location: number | undefined): number => lineOfByte(text, location ?? 0);
  return { lineOf, relations: [], functions: [], clocks: [], change: null };
}

/** Locations are byte offsets of the UTF-8 text. */
function lineOfByte(text: string, location: number): number {
  const bytes = new TextEncoder().encode(text).subarray(0, location);
  return bytes.reduce((line, byte) => (byte === 10 ? line + 1 : line), 1);
}

function visit(walk: Walk, value: unknown, ctes: ReadonlySet<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(walk, item, ctes);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [tag, inner] of Object.entries(value)) visitTagged(walk, tag, inner, ctes);
}

function visitTagged(walk: Walk, tag: string, inner: unknown, ctes: ReadonlySet<string>): void {
  const node = record(inner);
  const line = walk.lineOf(numberOf(node['location']));
  if (tag === 'RangeVar') {
    const named = { schema: textOf(node['schemaname']), name: textOf(node['relname']) ?? '', line };
    if (named.schema !== null || !ctes.has(named.name)) walk.relations.push(named);
    return;
  }
  if (tag === 'SQLValueFunction') {
    walk.clocks.push({
      schema: null,
      name: (textOf(node['op']) ?? '').replace(/^SVFOP_/, '').toLowerCase(),
      line,
    });
  }
  if (tag === 'FuncCall') {
    const parts = names(node['funcname']);
    walk.functions.push({ schema: parts.at(-2) ?? null, name: parts.at(-1) ?? '', line });
  }
  if (/^(Insert|Update|Delete|Merge)Stmt$/.test(tag) || tag === 'intoClause' || tag === 'lockingClause') {
    walk.change ??= {
      line,
      problem: 'the SELECT changes or locks something',
      mend: 'Weir writes; a model only reads.',
    };
  }
  visit(walk, inner, scopeOf(tag, node, ctes));
}

/** Names of a WITH hide relations in the statement that has it. */
function scopeOf(
  tag: string,
  node: Readonly<Record<string, unknown>>,
  ctes: ReadonlySet<string>,
): ReadonlySet<string> {
  // A set operation's arms are SelectStmt values under the tags larg and rarg.
  if (tag !== 'SelectStmt' && tag !== 'larg' && tag !== 'rarg') return ctes;
  const list = record(node['withClause'])['ctes'];
  if (!Array.isArray(list)) return ctes;
  const defined = list.map((one: unknown) => textOf(record(record(one)['CommonTableExpr'])['ctename']) ?? '');
  return new Set([...ctes, ...defined]);
}

function outputColumns(text: string, select: SelectStmt): Select['columns'] {
  if (select.larg !== undefined) return outputColumns(text, select.larg);
  return (select.targetList ?? []).map((target) => {
    const item = 'ResTarget' in target ? target.ResTarget : {};
    return {
      name: item.name ?? (item.val === undefined ? null : impliedName(item.val)),
      line: lineOfByte(text, item.location ?? 0),
    };
  });
}

/** The name Postgres gives a column that has none written; null where that is no use (`?column?`, `case`). */
export function impliedName(value: Node): string | null {
  if ('ColumnRef' in value) {
    const last = value.ColumnRef.fields?.at(-1);
    if (last === undefined) return null;
    return 'A_Star' in last ? '*' : 'String' in last ? (last.String.sval ?? null) : null;
  }
  if ('TypeCast' in value) return value.TypeCast.arg === undefined ? null : impliedName(value.TypeCast.arg);
  if ('FuncCall' in value) return names(value.FuncCall.funcname).at(-1) ?? null;
  return null;
}

function groups(select: SelectStmt): boolean {
  return (
    (select.groupClause ?? []).length > 0 ||
    (select.distinctClause ?? []).length > 0 ||
    select.larg !== undefined
  );
}

/** The parts of a name, such as `pg_catalog`, `extract`. */
export function names(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.map((one: unknown) => textOf(record(record(one)['String'])['sval']) ?? '');
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
