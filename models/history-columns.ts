import type { Model } from './model.ts';
import { historyColumns } from './table-rules.ts';

/** The columns of a relation that a model's SELECT gives it: without those that Weir adds itself. */
export function selectedColumns<T extends { readonly name: string }>(
  { kind }: Pick<Model, 'kind'>,
  columns: readonly T[],
): readonly T[] {
  const added: readonly string[] = kind === 'history' ? ['_xid', ...historyColumns] : ['_xid'];
  return columns.filter(({ name }) => !added.includes(name));
}
