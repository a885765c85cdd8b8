import type { Graph } from '../../models/graph.ts';
import { isPublished, isSource, layers } from '../../models/model.ts';
import type { Model } from '../../models/model.ts';

/** The columns of a drawing, from left to right: layers, and before them what lands records of outer systems. */
export const columns = ['sources', ...layers] as const;
export type Column = (typeof columns)[number];

/** A model, source or view as a drawing shows it. */
export interface ShownNode {
  readonly name: string;
  readonly column: Column;
  /** The gates that guard it. */
  readonly gates: readonly ('input' | 'output')[];
}

/** What of a graph is drawn: some nodes, and every edge of the graph between two of them. */
export interface ShownGraph {
  /** In the graph's order: a node comes after all it reads. */
  readonly nodes: readonly ShownNode[];
  /** From what is read to what reads it. */
  readonly edges: readonly (readonly [from: string, to: string])[];
}

/** Everything. */
export function wholeGraph(graph: Graph): ShownGraph {
  return shown(graph, () => true);
}

/** One model with everything it is built from and everything that is built from it. */
export function aroundModel(graph: Graph, name: string): ShownGraph {
  const near = new Set([name, ...builtFrom(graph, name), ...(graph.downstream.get(name) ?? [])]);
  return shown(graph, (one) => near.has(one));
}

/** Everything that a model is built from, however far, without itself; in the graph's order. */
export function builtFrom({ models, upstream }: Graph, name: string): readonly string[] {
  const found = new Set<string>([name]);
  // A set is walked to what is added meanwhile.
  for (const one of found) for (const above of upstream.get(one) ?? []) found.add(above);
  return models.map((model) => model.name).filter((one) => one !== name && found.has(one));
}

/** Where a model stands. */
export function columnOf(model: Model): Column {
  return isSource(model) ? 'sources' : model.layer;
}

function shown(graph: Graph, isShown: (name: string) => boolean): ShownGraph {
  const models = graph.models.filter(({ name }) => isShown(name));
  return {
    nodes: models.map((model) => ({ name: model.name, column: columnOf(model), gates: gatesOf(model) })),
    edges: models.flatMap(({ name }) =>
      (graph.upstream.get(name) ?? []).filter(isShown).map((from) => [from, name] as const),
    ),
  };
}

function gatesOf(model: Model): ShownNode['gates'] {
  if (!isPublished(model)) return [];
  return (['input', 'output'] as const).filter((gate) => model.gates[gate] !== null);
}
