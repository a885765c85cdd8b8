import { parseSync } from 'libpg-query';
import type { SelectStmt } from 'libpg-query';
import type { Graph } from './graph.ts';
import { selectedColumns } from './history-columns.ts';
import { isPublished, isSource, versionColumns } from './model.ts';
import type { Model, PublishedModel, SourceModel, ViewModel } from './model.ts';
import { nowhere, originOf, united } from './lineage/origins.ts';
import type { Origin, Origins, OutputColumn } from './lineage/origins.ts';
import { readQuery } from './lineage/read-query.ts';
import type { Query, Reader } from './lineage/scope.ts';
import { lineFinder } from './sql-lines.ts';
import { historyColumns } from './table-rules.ts';

/**
 * How a column has to do with another: its values are `copied` from there or `computed` of it; or it decides which `rows`
 * there are, by a filter, a join or a group; or a row that changes there has rows `recomputed`.
 */
export type How = 'copied' | 'computed' | 'rows' | 'recomputed';

/** One step of lineage: from a column of a relation to a column of a model that reads it. */
export interface LineageStep {
  /** `gold.fct_daily_sales`. */
  readonly model: string;
  /** `*` for all rows, where `how` is `rows` or `recomputed`. */
  readonly column: string;
  /** `?` where nothing explains the name that the SQL has. */
  readonly fromRelation: string;
  readonly fromColumn: string;
  readonly how: How;
  readonly file: string;
  readonly line: number;
}

/** Where the columns of all models come from, one step at a time. */
export interface Lineage {
  readonly steps: readonly LineageStep[];
  /** Columns of every relation, in their order. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
}

type Reading = PublishedModel | ViewModel;

/**
 * Reads where each column of each model comes from. Needs no database: what a relation has is known from its header or
 * its SELECT, in dependency order.
 */
export function lineageOf(graph: Graph): Lineage {
  const columns = new Map<string, readonly string[]>();
  const steps: LineageStep[] = [];
  for (const model of graph.models) {
    if (isSource(model)) {
      columns.set(model.relation, columnsOfSource(model));
      continue;
    }
    const { query, touched } = readModel(graph, columns, model);
    const own = query.columns.map(({ name }) => name);
    const added = isPublished(model) ? [...(model.kind === 'history' ? historyColumns : []), '_xid'] : [];
    columns.set(model.relation, [...own, ...added]);
    steps.push(...stepsOf(model, query, touched));
  }
  return { steps, columns };
}

function columnsOfSource({ columns }: SourceModel): readonly string[] {
  return [...Object.keys(columns), 'loaded_at', ...versionColumns, '_record_hash', '_xid'];
}

interface ReadModel {
  readonly query: Query;
  /** What the touched queries read. */
  readonly touched: Origins;
}

function readModel(graph: Graph, columns: Lineage['columns'], model: Reading): ReadModel {
  const queries =
    isPublished(model) && model.shape.kind === 'touched'
      ? model.shape.queries.map(({ sql, line }) => read(graph, columns, model, [], { sql, line }))
      : [];
  const key = isPublished(model) ? model.uniqueKey : [];
  const keys = key.map((name, place) => ({
    name,
    origins: united(queries.map((query) => query.columns[place]?.origins ?? nowhere)),
  }));
  const query = read(graph, columns, model, keys, { sql: model.sql, line: model.lines.select });
  return {
    query: { ...query, columns: query.columns.map((column) => settled(column, model, keys)) },
    touched: united(queries.flatMap((one) => [...one.columns.map(({ origins }) => origins), one.rows])),
  };
}

/** A key that only comes through `touched.<model>` is what its queries select; elsewhere the relation that it is joined to has it. */
function settled(column: OutputColumn, model: Reading, keys: readonly OutputColumn[]): OutputColumn {
  const through = [...column.origins.values()].filter(({ relation }) => relation === touchedName(model));
  if (through.length === 0) return column;
  const others = [...column.origins].filter(([, { relation }]) => relation !== touchedName(model));
  if (others.length > 0) return { ...column, origins: new Map(others) };
  const asked = keys.filter(({ name }) => through.some((one) => one.column === name));
  return { ...column, origins: united(asked.map(({ origins }) => origins)) };
}

function touchedName({ name }: Reading): string {
  return `touched.${name}`;
}

function read(
  graph: Graph,
  columns: Lineage['columns'],
  model: Reading,
  keys: readonly OutputColumn[],
  { sql, line }: { readonly sql: string; readonly line: number },
): Query {
  const lineOf = lineFinder(sql);
  const reader: Reader = {
    relation: (schema, name) => relationOf(graph, columns, model, keys, { schema, name }),
    lineOf: (location) => line + lineOf(location) - 1,
    unknown: (name, at) => originOf('?', name, at),
    select: (select, outer, ctes) => readQuery(reader, select, outer, ctes),
  };
  return readQuery(reader, selectOf(sql), null, new Map());
}

function selectOf(sql: string): SelectStmt {
  const statement = parseSync(sql).stmts?.[0]?.stmt;
  if (statement === undefined || !('SelectStmt' in statement)) throw new Error(`This is no SELECT: ${sql}`);
  return statement.SelectStmt;
}

function relationOf(
  graph: Graph,
  known: Lineage['columns'],
  model: Reading,
  keys: readonly OutputColumn[],
  { schema, name }: { readonly schema: string | null; readonly name: string },
): ReturnType<Reader['relation']> {
  if (schema === 'touched') {
    const columns = keys.map((key) => ({ name: key.name, origins: originOf(touchedName(model), key.name) }));
    return { columns, rest: null };
  }
  const found = graph.byName.get(name);
  // Which keys stand in the target already is no origin of them.
  if (found === undefined || name === model.name)
    return found === undefined ? null : { columns: [], rest: nowhere };
  const names = known.get(found.relation) ?? [];
  return { columns: names.map((one) => ({ name: one, origins: originOf(found.relation, one) })), rest: null };
}

function stepsOf(model: Reading, { columns, rows }: Query, touched: Origins): readonly LineageStep[] {
  const step = (column: string, origin: Origin, how: How): readonly LineageStep[] =>
    origin.relation === touchedName(model)
      ? []
      : [
          {
            model: model.relation,
            column,
            fromRelation: origin.relation,
            fromColumn: origin.column,
            how,
            file: model.file,
            line: origin.line,
          },
        ];
  return [
    ...columns.flatMap(({ name, origins }) =>
      [...origins.values()].flatMap((one) => step(name, one, one.made)),
    ),
    ...[...rows.values()].flatMap((one) => step('*', one, 'rows')),
    ...[...touched.values()].flatMap((one) => step('*', one, 'recomputed')),
  ];
}

/** The columns of a model that people name in a header, without those that Weir adds. */
export function writtenColumns(model: Model, { columns }: Lineage): readonly string[] {
  const all = (columns.get(model.relation) ?? []).map((name) => ({ name }));
  return selectedColumns(model, all).map(({ name }) => name);
}
