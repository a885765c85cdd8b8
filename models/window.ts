/**
 * The window of a load: which rows of each delta it reads.
 *
 * - `arrival`: every row committed since the last published window. `from` is the snapshot of the watermark
 *   (null: nothing was published yet, so everything visible), `to` the snapshot this load took.
 * - `interval`: rows whose time column lies in `[start, end)`, UTC ISO 8601. Does not move the watermark.
 * - `whole`: no delta at all (a full refresh).
 */
export type Window =
  | { readonly kind: 'arrival'; readonly deltas: Readonly<Record<string, DeltaBounds>> }
  | {
      readonly kind: 'interval';
      readonly start: string;
      readonly end: string;
      readonly deltas: readonly string[];
    }
  | { readonly kind: 'whole' };

/** Two `pg_snapshot` texts (`xmin:xmax:xip_list`): what had been published, and what this load may see. */
export interface DeltaBounds {
  readonly from: string | null;
  readonly to: string;
}
