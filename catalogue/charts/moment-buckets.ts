import type { Bucket, PromiseMoment } from '../read/promise-history.ts';

/** Evaluations one by one as a line takes them: stretches of no length. Those without a number are left out. */
export function momentBuckets(moments: readonly PromiseMoment[]): readonly Bucket[] {
  return moments.flatMap(({ at, outcome, unexpected, elements, observed, lower, upper }) => {
    const share =
      unexpected === null || elements === null || elements === 0 ? null : 1 - unexpected / elements;
    const value = observed ?? share;
    if (value === null) return [];
    const numbers = { low: value, high: value, last: value, lower, upper };
    return [{ from: at, to: at, ...numbers, worst: outcome, evaluations: 1 }];
  });
}
