import type { Graph } from '../../models/graph.ts';
import { isPublished, isSource } from '../../models/model.ts';
import type { SourceModel } from '../../models/model.ts';

/**
 * The source whose rows a relation's rows come from, one of one: itself, or what a mapping model reads in the end. Such
 * rows carry their place in it.
 *
 * @returns null where rows are computed from several, or of a relation that there is no file of.
 */
export function sourceOf({ byName }: Graph, name: string): SourceModel | null {
  let model = byName.get(name);
  while (model !== undefined && isPublished(model) && model.shape.kind === 'map')
    model = byName.get(model.shape.delta);
  return model !== undefined && isSource(model) ? model : null;
}

/** The models whose rows come from a source, one of one. */
export function mappersOf(graph: Graph, source: SourceModel): readonly string[] {
  return graph.models
    .filter(isPublished)
    .map(({ name }) => name)
    .filter((name) => sourceOf(graph, name)?.name === source.name);
}
