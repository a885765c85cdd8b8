import type { Graph } from '../../models/graph.ts';
import type { PublishedModel } from '../../models/model.ts';

/** An input gate reads the source's columns, an output gate the model's: what is personal in one is in both. */
export function personalColumns(model: PublishedModel, graph: Graph): ReadonlySet<string> {
  const source = model.shape.kind === 'map' ? graph.byName.get(model.shape.delta) : undefined;
  const columns = [...Object.entries(source?.columns ?? {}), ...Object.entries(model.columns)];
  return new Set(columns.filter(([, { personal }]) => personal).map(([name]) => name));
}
