import type { Graph } from './graph.ts';
import type { PublishedModel, Shape } from './model.ts';

/** The relations whose deltas a model reads. */
export function deltasOf(shape: Shape): readonly string[] {
  switch (shape.kind) {
    case 'map':
      return [shape.delta];
    case 'touched':
      return shape.queries.map(({ delta }) => delta);
    case 'whole':
      return [];
  }
}

/** Those of them that windows by event time can read. */
export function timedDeltas({ shape }: PublishedModel, { byName }: Pick<Graph, 'byName'>): readonly string[] {
  return deltasOf(shape).filter((delta) => (byName.get(delta)?.timeColumn ?? null) !== null);
}
