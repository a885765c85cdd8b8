import type { CatalogueColumn } from './scan.ts';

/** What a type asks about beside the batch; it is read only for suites that have such a type. */
export type Need = 'published' | 'past' | 'order';

/** Columns that say where a row stood in what was delivered. */
export const PLACE: readonly string[] = ['_source', '_position', '_revision'];

/**
 * How a row of the batch is known to be the row that was published before.
 *
 * - `place`: it stands at the same place of the same source, or in another revision of the same file, which a later one
 *   takes out of every read.
 * - `key`: it has the same values in these columns.
 */
export type Identity =
  | { readonly kind: 'place' }
  | { readonly kind: 'key'; readonly columns: readonly string[] };

/** The table that a gate's model publishes into. */
export interface PublishedTable {
  /** Schema and name. */
  readonly relation: readonly [schema: string, name: string];
  /** Its columns as last published, in their order; null where nothing has been published yet. */
  readonly columns: readonly CatalogueColumn[] | null;
  /** Columns that stand first in a whole, valid index: rows are found through one of them. */
  readonly indexed: ReadonlySet<string>;
  /** Null where nothing says which rows are the same. */
  readonly identity: Identity | null;
  /** Revisions of files that this load takes out: their rows stand there only until it is published. None where left out. */
  readonly retracted?: readonly { readonly file: string; readonly revision: number }[];
  /** Whether the batch is what would be published: an input gate reads rows of another shape. */
  readonly isCandidate: boolean;
}

/** A figure that an earlier load of the same gate came to, in the same hour of the week. */
export interface PastFigure {
  readonly weeksAgo: number;
  readonly figure: number;
}

/** What stands around a batch. */
export interface BatchContext {
  /** Null outside of a gate. */
  readonly published: PublishedTable | null;
  /** By name of the figure. */
  readonly past: ReadonlyMap<string, readonly PastFigure[]>;
  /** Whether rows have a physical order: true of a table, not of a view. */
  readonly physical: boolean;
}
