import type { Graph } from '../../models/graph.ts';

/**
 * Which held models each model waits behind: those upstream of it, however far. Models that wait for nothing are left out.
 *
 * @returns by model, in the graph's order.
 */
export function waitingBehind(
  { models, upstream }: Pick<Graph, 'models' | 'upstream'>,
  held: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> {
  const behind = new Map<string, ReadonlySet<string>>();
  // What a model reads comes before it, so one pass is the whole closure.
  for (const { name } of models) {
    const above = (upstream.get(name) ?? []).flatMap((one) => [
      ...(held.has(one) ? [one] : []),
      ...(behind.get(one) ?? []),
    ]);
    if (above.length > 0) behind.set(name, new Set(above));
  }
  const order = models.map(({ name }) => name);
  return new Map([...behind].map(([name, waits]) => [name, order.filter((one) => waits.has(one))]));
}

/** Who waits behind a held model: everything downstream of it, in the graph's order. Of one that is not held nobody. */
export function whoWaitsBehind(
  states: ReadonlyMap<string, { readonly waitingBehind: readonly string[] }>,
  held: string,
): readonly string[] {
  return [...states].filter(([, { waitingBehind }]) => waitingBehind.includes(held)).map(([name]) => name);
}
