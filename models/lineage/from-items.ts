import type { JoinExpr, Node, RangeFunction, RangeSubselect, RangeVar } from 'libpg-query';
import { names } from '../sql-tree.ts';
import { mentioned } from './expression.ts';
import { computed, nowhere, placed, united } from './origins.ts';
import type { Origins, OutputColumn } from './origins.ts';
import { emptyScope } from './scope.ts';
import type { Query, Reader, Relation, Scope } from './scope.ts';

/** One item of a FROM, read: what it brings in, and the columns that decide which of its rows there are. */
interface Item {
  readonly relations: readonly Relation[];
  readonly visible: readonly OutputColumn[];
  readonly rows: Origins;
}

/** Reads a FROM: the scope of the SELECT that has it, and what decides which rows it joins. */
export function readFrom(
  reader: Reader,
  items: readonly Node[],
  outer: Scope | null,
  ctes: Scope['ctes'],
): { readonly scope: Scope; readonly rows: Origins } {
  let scope = emptyScope(outer, ctes);
  const rows: Origins[] = [];
  for (const node of items) {
    const item = readItem(reader, node, scope);
    rows.push(item.rows);
    scope = beside(scope, item);
  }
  return { scope, rows: united(rows) };
}

function beside(scope: Scope, { relations, visible }: Pick<Item, 'relations' | 'visible'>): Scope {
  return {
    ...scope,
    relations: [...scope.relations, ...relations],
    visible: [...scope.visible, ...visible],
  };
}

/** @param before what the FROM has brought in so far: LATERAL and functions may read it. */
function readItem(reader: Reader, node: Node, before: Scope): Item {
  if ('RangeVar' in node) return readRelation(reader, node.RangeVar, before);
  if ('RangeSubselect' in node) return readSubselect(reader, node.RangeSubselect, before);
  if ('JoinExpr' in node) return readJoin(reader, node.JoinExpr, before);
  if ('RangeFunction' in node) return readFunction(reader, node.RangeFunction, before);
  if ('RangeTableSample' in node && node.RangeTableSample.relation !== undefined)
    return readItem(reader, node.RangeTableSample.relation, before);
  // XMLTABLE, JSON_TABLE and what is to come: whatever they make comes from what they mention.
  const all = computed(mentioned(reader, before, node));
  return single({ schema: null, alias: aliasIn(node), columns: [], rest: all }, nowhere);
}

function single(relation: Relation, rows: Origins): Item {
  return { relations: [relation], visible: relation.columns, rows };
}

function readRelation(reader: Reader, range: RangeVar, { ctes }: Scope): Item {
  const { schemaname, relname = '', alias, location } = range;
  const schema = schemaname ?? null;
  const named = alias?.aliasname ?? relname;
  const cte = schema === null ? ctes.get(relname) : undefined;
  const found: Pick<Relation, 'columns' | 'rest'> | null =
    cte === undefined ? reader.relation(schema, relname) : { columns: cte.columns, rest: null };
  const line = reader.lineOf(location);
  const { columns, rest } = found ?? {
    columns: [],
    rest: reader.unknown(`${schema ?? ''}.${relname}`, line),
  };
  const relation = { schema, alias: named, columns: renamed(columns, names(alias?.colnames)), rest };
  return single(relation, cte?.rows ?? nowhere);
}

function readSubselect(reader: Reader, { lateral, subquery, alias }: RangeSubselect, before: Scope): Item {
  const outer = lateral === true ? before : before.outer;
  const query: Query =
    subquery !== undefined && 'SelectStmt' in subquery
      ? reader.select(subquery.SelectStmt, outer, before.ctes)
      : { columns: [], rows: nowhere };
  const columns = renamed(query.columns, names(alias?.colnames));
  return single({ schema: null, alias: alias?.aliasname ?? '', columns, rest: null }, query.rows);
}

/** Columns of functions whose result is not one column named as the function or its alias. */
const resultColumns: Readonly<Record<string, readonly string[]>> = {
  jsonb_each: ['key', 'value'],
  jsonb_each_text: ['key', 'value'],
  json_each: ['key', 'value'],
  json_each_text: ['key', 'value'],
  jsonb_array_elements: ['value'],
  jsonb_array_elements_text: ['value'],
  json_array_elements: ['value'],
  json_array_elements_text: ['value'],
};

function readFunction(reader: Reader, range: RangeFunction, before: Scope): Item {
  const origins = computed(mentioned(reader, before, range.functions ?? []));
  const name = functionName(range.functions ?? []);
  const alias = range.alias?.aliasname ?? name;
  const listed = [
    ...definedColumns(range.coldeflist ?? []),
    ...(range.coldeflist === undefined ? (resultColumns[name] ?? [alias]) : []),
    ...(range.ordinality === true ? ['ordinality'] : []),
  ];
  const as = names(range.alias?.colnames);
  const all = [...listed, ...as.slice(listed.length)];
  const columns = all.map((column, place) => ({
    name: as[place] ?? column,
    origins: column === 'ordinality' ? nowhere : origins,
  }));
  return single({ schema: null, alias, columns, rest: origins }, nowhere);
}

function definedColumns(definitions: readonly Node[]): readonly string[] {
  return definitions.flatMap((one) => ('ColumnDef' in one ? [one.ColumnDef.colname ?? ''] : []));
}

function functionName(functions: readonly Node[]): string {
  const [first] = functions;
  const call = first !== undefined && 'List' in first ? first.List.items?.[0] : undefined;
  return call !== undefined && 'FuncCall' in call ? (names(call.FuncCall.funcname).at(-1) ?? '') : '';
}

function readJoin(reader: Reader, join: JoinExpr, before: Scope): Item {
  const { larg, rarg, quals } = join;
  if (larg === undefined || rarg === undefined) return { relations: [], visible: [], rows: nowhere };
  const left = readItem(reader, larg, before);
  const right = readItem(reader, rarg, beside(before, left));
  const using = join.isNatural === true ? common(left, right) : names(join.usingClause);
  const merged = using.map((name) => ({
    name,
    origins: united(
      [...left.visible, ...right.visible].filter((one) => one.name === name).map((one) => one.origins),
    ),
  }));
  const others = [...left.visible, ...right.visible].filter(({ name }) => !using.includes(name));
  // `using (…) as k`: the columns of it also go by that name.
  const as = join.join_using_alias?.aliasname;
  const named: readonly Relation[] =
    as === undefined ? [] : [{ schema: null, alias: as, columns: merged, rest: null }];
  const item = {
    relations: [...left.relations, ...right.relations, ...named],
    visible: [...merged, ...others],
  };
  const line = reader.lineOf(locationIn(rarg));
  const on = quals === undefined ? nowhere : mentioned(reader, beside(before, item), quals);
  const equal = placed(united(merged.map(({ origins }) => origins)), line);
  const rows = computed(united([left.rows, right.rows, on, equal]));
  const alias = join.alias?.aliasname ?? null;
  if (alias === null) return { ...item, rows };
  const columns = renamed(item.visible, names(join.alias?.colnames));
  return single({ schema: null, alias, columns, rest: null }, rows);
}

function common(left: Item, right: Item): readonly string[] {
  const there = new Set(right.visible.map(({ name }) => name));
  return left.visible.map(({ name }) => name).filter((name) => there.has(name));
}

/** `alias (a, b)` names the first columns anew. */
function renamed(columns: readonly OutputColumn[], as: readonly string[]): readonly OutputColumn[] {
  return columns.map((column, place) => ({ ...column, name: as[place] ?? column.name }));
}

function aliasIn(node: Node): string {
  const [inner] = Object.values(node);
  const alias: unknown =
    typeof inner === 'object' && inner !== null ? Reflect.get(inner, 'alias') : undefined;
  const name: unknown =
    typeof alias === 'object' && alias !== null ? Reflect.get(alias, 'aliasname') : undefined;
  return typeof name === 'string' ? name : '';
}

function locationIn(node: Node): number | undefined {
  return 'RangeVar' in node ? node.RangeVar.location : undefined;
}
