import { deltasOf } from '../../models/deltas.ts';
import type { Graph } from '../../models/graph.ts';
import { isPublished } from '../../models/model.ts';
import { readGraph, type RepositoryFolders } from '../repository.ts';
import type { Lineage } from './fold.ts';

/** What pages ask of the models' files. */
export interface PageGraph extends Lineage {
  readonly graph: Graph | null;
  /** The deltas that a model reads; a source is its own. */
  reads(relation: string | null): readonly string[];
}

/** Reads the graph for a page; where no folder is known or a file is refused, a page goes out without it. */
export async function pageGraph(folders: RepositoryFolders | undefined): Promise<PageGraph> {
  const graph = folders === undefined ? null : await readGraph(folders).catch(() => null);
  return lineageOf(graph);
}

/** Lineage over a graph; without one everything is alone. */
export function lineageOf(graph: Graph | null): PageGraph {
  const known = new Map<string, ReadonlySet<string>>();
  const above = (relation: string): ReadonlySet<string> => {
    const found = known.get(relation);
    if (found !== undefined) return found;
    const all = new Set([
      relation,
      ...(graph?.upstream.get(relation) ?? []).flatMap((one) => [...above(one)]),
    ]);
    known.set(relation, all);
    return all;
  };
  return {
    graph,
    above,
    reads: (relation) => {
      const model = relation === null ? undefined : graph?.byName.get(relation);
      if (model === undefined) return [];
      return isPublished(model) ? deltasOf(model.shape) : model.kind === 'source' ? [model.name] : [];
    },
  };
}
