import type { Graph } from '../../models/graph.ts';
import { lineageOf } from '../../models/lineage.ts';
import type { How, LineageStep } from '../../models/lineage.ts';

/** Another column that a column has to do with, by its relation: `gold.fct_daily_sales`. */
export interface ColumnEnd {
  readonly relation: string;
  /** `*` for all rows of the relation. */
  readonly column: string;
  readonly how: How;
}

/** Where the columns of all models come from and what is made of them, by `gold.fct_daily_sales.gross_sales`. */
export interface ColumnLineage {
  /** Columns of every relation, in their order, as far as headers and SELECTs say. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  readonly from: ReadonlyMap<string, readonly ColumnEnd[]>;
  readonly to: ReadonlyMap<string, readonly ColumnEnd[]>;
  /** What decides which rows a relation has, or has them recomputed; by relation. */
  readonly rows: ReadonlyMap<string, readonly ColumnEnd[]>;
}

const known = new WeakMap<Graph, ColumnLineage>();

/** Reads every SELECT once a graph, however many pages ask. */
export function columnLineage(graph: Graph): ColumnLineage {
  const found = known.get(graph);
  if (found !== undefined) return found;
  const { steps, columns } = lineageOf(graph);
  const values = steps.filter(({ how }) => how === 'copied' || how === 'computed');
  const lineage = {
    columns,
    from: grouped(values, (step) => `${step.model}.${step.column}`, above),
    to: grouped(steps, (step) => `${step.fromRelation}.${step.fromColumn}`, below),
    rows: grouped(
      steps.filter(({ column }) => column === '*'),
      (step) => step.model,
      above,
    ),
  };
  known.set(graph, lineage);
  return lineage;
}

function above({ fromRelation, fromColumn, how }: LineageStep): ColumnEnd {
  return { relation: fromRelation, column: fromColumn, how };
}

function below({ model, column, how }: LineageStep): ColumnEnd {
  return { relation: model, column, how };
}

function grouped(
  steps: readonly LineageStep[],
  keyOf: (step: LineageStep) => string,
  endOf: (step: LineageStep) => ColumnEnd,
): ReadonlyMap<string, readonly ColumnEnd[]> {
  const groups = Map.groupBy(steps, keyOf);
  return new Map([...groups].map(([key, group]) => [key, group.map(endOf)]));
}

/**
 * The columns of bronze that a column is made of in the end, each once; the column itself where it comes from nowhere.
 *
 * @param column `gold.fct_daily_sales.gross_sales`.
 */
export function rootsOf({ from }: ColumnLineage, column: string): readonly string[] {
  const seen = new Set([column]);
  const roots: string[] = [];
  for (const one of seen) {
    const next = from.get(one) ?? [];
    if (next.length === 0) roots.push(one);
    for (const end of next) seen.add(`${end.relation}.${end.column}`);
  }
  return roots;
}
