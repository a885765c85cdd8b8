import type { Graph } from '../../models/graph.ts';
import type { Model } from '../../models/model.ts';
import type { Window } from '../../models/window.ts';

/** Half-open, UTC, ISO 8601. */
export interface Span {
  readonly start: string;
  readonly end: string;
}

/** Models that are built beside production, and what of it they read. */
export interface Scratch {
  readonly schema: string;
  readonly graph: Graph;
  /** What is built, in dependency order; sources among them are read as they landed. */
  readonly models: readonly Model[];
  /** Event time that deltas are bounded to; null: all of it. */
  readonly span: Span | null;
  /** What deltas of production show. */
  readonly window: Window;
  /** ISO 8601, UTC. */
  readonly asOf: string;
}

/** Names of the models that have a copy in the scratch schema once everything is built. */
export function builtNames({ models }: Pick<Scratch, 'models'>): ReadonlySet<string> {
  return new Set(models.filter(({ kind }) => kind !== 'source').map(({ name }) => name));
}
