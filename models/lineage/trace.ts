import type { Graph } from '../graph.ts';
import type { How, Lineage, LineageStep } from '../lineage.ts';
import type { Model } from '../model.ts';

/** A column, and the columns next to it on the way up to bronze, or down to whoever reads it. */
export interface Trace {
  readonly relation: string;
  /** `*` for all rows of a model. */
  readonly column: string;
  readonly personal: boolean;
  /** How it has to do with the column it stands under; null for the one that was asked for. */
  readonly how: How | null;
  /** Where the SQL says so. */
  readonly file: string | null;
  readonly line: number | null;
  readonly next: readonly Trace[];
}

interface Traced {
  readonly graph: Graph;
  readonly lineage: Lineage;
}

/** Where a column's values come from, as far as bronze. */
export function traceUp(
  traced: Traced,
  relation: string,
  column: string,
  by: LineageStep | null = null,
): Trace {
  const next = traced.lineage.steps
    .filter((step) => step.model === relation && step.column === column && isValue(step))
    .map((step) => traceUp(traced, step.fromRelation, step.fromColumn, step));
  return traceOf(traced, relation, column, by, next);
}

/** What is made of a column, and the models whose rows it decides, as far as anything reads them. */
export function traceDown(
  traced: Traced,
  relation: string,
  column: string,
  by: LineageStep | null = null,
): Trace {
  const next = traced.lineage.steps
    .filter((step) => step.fromRelation === relation && step.fromColumn === column)
    .map((step) => traceDown(traced, step.model, step.column, step));
  return traceOf(traced, relation, column, by, next);
}

/** What decides which rows a model has, or has them recomputed. */
export function rowSteps({ steps }: Lineage, relation: string): readonly LineageStep[] {
  return steps.filter((step) => step.model === relation && !isValue(step));
}

/** A personal column that flows into one whose header neither marks it so nor says that it is none. */
export interface PersonalFlow extends LineageStep {
  readonly problem: string;
  readonly mend: string;
}

/** Every step from a personal column to one that is not said to be personal. Steps that only decide rows carry no value. */
export function personalFlows({ graph, lineage }: Traced): readonly PersonalFlow[] {
  return lineage.steps
    .filter((step) => isValue(step) && isPersonal(graph, step.fromRelation, step.fromColumn))
    .flatMap((step) => {
      const header = modelOf(graph, step.model)?.columns[step.column];
      if (header?.personal === true || header?.cleared === true) return [];
      const problem = `${step.model}.${step.column} is ${step.how} from ${step.fromRelation}.${step.fromColumn}, which is personal, and is not marked so`;
      const mend = `Say personal: true under columns: ${step.column}, or personal: false when it gives nobody away.`;
      return [{ ...step, problem, mend }];
    });
}

/** Names in SQL that no relation explains: what they come from is not known. */
export function unknownSteps({ steps }: Lineage): readonly LineageStep[] {
  return steps.filter(({ fromRelation }) => fromRelation === '?');
}

function isValue({ how }: LineageStep): boolean {
  return how === 'copied' || how === 'computed';
}

function traceOf(
  { graph }: Traced,
  relation: string,
  column: string,
  by: LineageStep | null,
  next: readonly Trace[],
): Trace {
  const personal = isPersonal(graph, relation, column);
  return {
    relation,
    column,
    personal,
    how: by?.how ?? null,
    file: by?.file ?? null,
    line: by?.line ?? null,
    next,
  };
}

function isPersonal(graph: Graph, relation: string, column: string): boolean {
  return modelOf(graph, relation)?.columns[column]?.personal ?? false;
}

function modelOf({ byName }: Graph, relation: string): Model | undefined {
  const model = byName.get(relation.split('.').at(-1) ?? '');
  return model?.relation === relation ? model : undefined;
}
