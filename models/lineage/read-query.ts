import type { CommonTableExpr, Node, SelectStmt } from 'libpg-query';
import { names } from '../sql-tree.ts';
import { mentioned, starColumns, valueOf } from './expression.ts';
import { readFrom } from './from-items.ts';
import { computed, nowhere, placed, united } from './origins.ts';
import type { Origins, OutputColumn } from './origins.ts';
import { outputName } from './output-name.ts';
import { within } from './scope.ts';
import type { Query, Reader, Scope } from './scope.ts';

/** Reads a query: where each of its columns comes from, and what decides which rows there are. */
export function readQuery(
  reader: Reader,
  select: SelectStmt,
  outer: Scope | null,
  around: Scope['ctes'],
): Query {
  const ctes = withCtes(reader, select, outer, around);
  const { larg, rarg } = select;
  if (larg !== undefined && rarg !== undefined)
    return combined(select, readQuery(reader, larg, outer, ctes), readQuery(reader, rarg, outer, ctes));
  if (select.valuesLists !== undefined) return ofValues(reader, select.valuesLists, outer, ctes);
  return plain(reader, select, outer, ctes);
}

function withCtes(
  reader: Reader,
  { withClause }: SelectStmt,
  outer: Scope | null,
  around: Scope['ctes'],
): Scope['ctes'] {
  const ctes = new Map(around);
  for (const node of withClause?.ctes ?? []) {
    if (!('CommonTableExpr' in node)) continue;
    const cte = node.CommonTableExpr;
    const query =
      withClause?.recursive === true ? recursive(reader, cte, outer, ctes) : ofCte(reader, cte, outer, ctes);
    ctes.set(cte.ctename ?? '', query);
  }
  return ctes;
}

function ofCte(reader: Reader, cte: CommonTableExpr, outer: Scope | null, ctes: Scope['ctes']): Query {
  const { ctequery, aliascolnames } = cte;
  if (ctequery === undefined || !('SelectStmt' in ctequery)) return { columns: [], rows: nowhere };
  const { columns, rows } = readQuery(reader, ctequery.SelectStmt, outer, ctes);
  const as = names(aliascolnames);
  const named = columns.map((column, place) => ({ ...column, name: as[place] ?? column.name }));
  return { columns: [...named, ...searchColumns(cte, named)], rows };
}

/** What SEARCH and CYCLE add to a query that reads itself: the order of its rows, and how each was come to. */
function searchColumns(
  { search_clause: search, cycle_clause: cycle }: CommonTableExpr,
  columns: readonly OutputColumn[],
): readonly OutputColumn[] {
  const made = (name: string | undefined, of: unknown): readonly OutputColumn[] => {
    if (name === undefined) return [];
    const by = columns.filter((column) => names(of).includes(column.name));
    return [{ name, origins: computed(united(by.map(({ origins }) => origins))) }];
  };
  return [
    ...made(search?.search_seq_column, search?.search_col_list),
    ...made(cycle?.cycle_mark_column, cycle?.cycle_col_list),
    ...made(cycle?.cycle_path_column, cycle?.cycle_col_list),
  ];
}

/** A query that reads itself: read again with what it was found to come from, until nothing is added. */
function recursive(reader: Reader, cte: CommonTableExpr, outer: Scope | null, ctes: Scope['ctes']): Query {
  const name = cte.ctename ?? '';
  const first =
    cte.ctequery !== undefined && 'SelectStmt' in cte.ctequery ? cte.ctequery.SelectStmt.larg : undefined;
  if (first === undefined || !mentionsRelation(cte.ctequery, name)) return ofCte(reader, cte, outer, ctes);
  let query = ofCte(reader, { ...cte, ctequery: { SelectStmt: first } }, outer, ctes);
  for (;;) {
    const next = ofCte(reader, cte, outer, new Map([...ctes, [name, query]]));
    if (size(next) === size(query)) return next;
    query = next;
  }
}

function size({ columns, rows }: Query): number {
  return columns.reduce((sum, { origins }) => sum + origins.size, rows.size);
}

function mentionsRelation(part: unknown, name: string): boolean {
  if (Array.isArray(part)) return part.some((one) => mentionsRelation(one, name));
  if (typeof part !== 'object' || part === null) return false;
  return Object.entries(part).some(([tag, inner]) =>
    tag === 'RangeVar' ? Reflect.get(Object(inner), 'relname') === name : mentionsRelation(inner, name),
  );
}

/** UNION, INTERSECT, EXCEPT: by position, named as on the left. But for UNION ALL rows are compared by all of it. */
function combined({ op, all }: SelectStmt, left: Query, right: Query): Query {
  const subtracts = op === 'SETOP_EXCEPT';
  const columns = left.columns.map(({ name, origins }, place) => ({
    name,
    origins: subtracts ? origins : united([origins, right.columns[place]?.origins ?? nowhere]),
  }));
  const compared =
    op === 'SETOP_UNION' && all === true
      ? []
      : [...left.columns, ...right.columns].map((column) => column.origins);
  return { columns, rows: computed(united([left.rows, right.rows, ...compared])) };
}

function ofValues(reader: Reader, lists: readonly Node[], outer: Scope | null, ctes: Scope['ctes']): Query {
  const { scope } = readFrom(reader, [], outer, ctes);
  const rows = lists.map((list) => ('List' in list ? (list.List.items ?? []) : []));
  const columns = (rows[0] ?? []).map((_, place) => ({
    name: `column${place + 1}`,
    origins: united(
      rows.map((row) => (row[place] === undefined ? nowhere : valueOf(reader, scope, row[place]))),
    ),
  }));
  return { columns, rows: nowhere };
}

function plain(reader: Reader, select: SelectStmt, outer: Scope | null, ctes: Scope['ctes']): Query {
  const { scope: from, rows: joined } = readFrom(reader, select.fromClause ?? [], outer, ctes);
  const windows = new Map<string, Origins>();
  for (const node of select.windowClause ?? [])
    if ('WindowDef' in node) windows.set(node.WindowDef.name ?? '', mentioned(reader, from, node.WindowDef));
  const scope: Scope = { ...from, windows };
  const columns = outputs(reader, scope, select.targetList ?? []);
  const isLimited = select.limitCount !== undefined || select.limitOffset !== undefined;
  const distinct = select.distinctClause ?? [];
  const rows = [
    joined,
    mentioned(reader, scope, [
      select.whereClause,
      select.havingClause,
      select.limitCount,
      select.limitOffset,
    ]),
    listed(reader, scope, columns, select.groupClause ?? [], 'input'),
    // SELECT DISTINCT is parsed as a list of one thing that is nothing.
    ...(distinct.some((one) => Object.keys(one).length === 0) ? columns.map(({ origins }) => origins) : []),
    listed(reader, scope, columns, distinct, 'output'),
    isLimited || distinct.length > 0
      ? listed(reader, scope, columns, select.sortClause ?? [], 'output')
      : nowhere,
  ];
  return { columns, rows: computed(united(rows)) };
}

function outputs(reader: Reader, scope: Scope, targets: readonly Node[]): readonly OutputColumn[] {
  return targets.flatMap((target) => {
    const { name, val, location } = 'ResTarget' in target ? target.ResTarget : {};
    if (val === undefined) return [];
    const line = reader.lineOf(location);
    const star = 'ColumnRef' in val ? starColumns(scope, val.ColumnRef.fields ?? []) : null;
    if (star !== null) return star.map((column) => ({ ...column, origins: placed(column.origins, line) }));
    return [{ name: name ?? outputName(val), origins: valueOf(reader, scope, val) }];
  });
}

/**
 * What a list of GROUP BY, DISTINCT ON or ORDER BY mentions. A bare name is a column of what is read before it is one of
 * the output in GROUP BY, and the other way round in the others; a number is a place in the output.
 *
 * @see https://www.postgresql.org/docs/18/sql-select.html#SQL-GROUPBY
 */
function listed(
  reader: Reader,
  scope: Scope,
  columns: readonly OutputColumn[],
  list: readonly Node[],
  first: 'input' | 'output',
): Origins {
  return united(
    list.map((node): Origins => {
      if ('SortBy' in node)
        return listed(
          reader,
          scope,
          columns,
          node.SortBy.node === undefined ? [] : [node.SortBy.node],
          first,
        );
      if ('GroupingSet' in node) return listed(reader, scope, columns, node.GroupingSet.content ?? [], first);
      if ('A_Const' in node) return columns[(node.A_Const.ival?.ival ?? 0) - 1]?.origins ?? nowhere;
      const bare = 'ColumnRef' in node ? names(node.ColumnRef.fields) : [];
      const isInput = bare.length !== 1 || (first === 'input' && within(scope, bare) !== null);
      const output = isInput ? undefined : columns.find(({ name }) => name === bare[0]);
      return output?.origins ?? mentioned(reader, scope, node);
    }),
  );
}
