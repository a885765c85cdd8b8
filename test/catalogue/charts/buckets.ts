import type { Bucket } from '../../../catalogue/read/promise-history.ts';

/** When series of tests end. */
export const to = new Date('2026-11-22T00:00:00Z');
/** Thirty days before. */
export const from = new Date('2026-10-23T00:00:00Z');

/** A stretch of six hours, the `index`th since {@link from}; one value unless more is said. */
export function bucket(index: number, last: number, more: Partial<Bucket> = {}): Bucket {
  const begin = from.getTime() + index * 6 * 3_600_000;
  return {
    from: new Date(begin),
    to: new Date(begin + 6 * 3_600_000),
    low: last,
    high: last,
    last,
    lower: null,
    upper: null,
    worst: 'held',
    evaluations: 6,
    ...more,
  };
}
