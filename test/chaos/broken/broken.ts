/**
 * Faults that are known, put in so that the test is seen to find them. None is a switch of the engine: the loaders of
 * the test hand it other databases, or another publish, or the test's database has another view.
 *
 * - max-loaded-at: windows read `loaded_at > max(loaded_at)`, as a DAG that calls dbt does (`max-loaded-at.ts`).
 * - no-fence: publish writes whatever it was given, whenever it comes (`unfenced-publish.ts`).
 * - watermark-apart: the watermark moves in a transaction of its own (`watermark-apart.ts`).
 * - no-version: the merge takes an older version over a newer one (`no-version.ts`).
 */
export const brokenNames = ['max-loaded-at', 'no-fence', 'watermark-apart', 'no-version'] as const;

export type BrokenName = (typeof brokenNames)[number];
