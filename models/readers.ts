import { deltasOf } from './deltas.ts';
import type { Graph } from './graph.ts';
import { isPublished } from './model.ts';

/** The models that read a relation in windows, as `delta.<name>`: each has a watermark of it. By name. */
export function deltaReaders({ models }: Graph, name: string): readonly string[] {
  return models
    .filter(isPublished)
    .filter((model) => deltasOf(model.shape).includes(name))
    .map((model) => model.name)
    .toSorted();
}

/** The models that read a relation whole, every time: what goes away from it goes away from them. By name. */
export function wholeReaders({ models }: Graph, name: string): readonly string[] {
  return models
    .filter(isPublished)
    .filter((model) => model.references.some((one) => one.name === name && one.schema !== 'delta'))
    .map((model) => model.name)
    .toSorted();
}
