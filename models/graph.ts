import type { Model } from './model.ts';

/** Who depends on whom. */
export interface Graph {
  /** In dependency order: a model comes after all it reads; by name where that leaves a choice. */
  readonly models: readonly Model[];
  readonly byName: ReadonlyMap<string, Model>;
  /** Names that a model reads directly. */
  readonly upstream: ReadonlyMap<string, readonly string[]>;
  /** Names that depend on a model, transitively, nearest first. */
  readonly downstream: ReadonlyMap<string, readonly string[]>;
}
