import type { EvaluationError } from '../../expectations/judge.ts';
import type { Asker, Asking } from './asker.ts';

/**
 * Finds which of several things that fail together fail alone, by halves: k of n in about k·log n questions. Whatever
 * is asked and does not fail has been answered on the way.
 *
 * When one runs into the statement timeout, the rest of the search has twice that time altogether, divided among its
 * steps: one that never ends makes the gate take no longer than that. What needs more than its share then, or comes
 * after the time is used up, counts as one that cannot be evaluated too.
 *
 * @param first what they failed with together.
 * @param ask asks some of them together.
 * @returns those to blame, each with its error.
 */
export async function findCulprits<T>(
  asker: Pick<Asker, 'divideTime' | 'restoreTime'>,
  all: readonly T[],
  first: Failure,
  ask: (some: readonly T[]) => Promise<Asking<unknown>>,
): Promise<ReadonlyMap<T, EvaluationError>> {
  const culprits = new Map<T, EvaluationError>();
  const steps = Math.ceil(Math.log2(Math.max(2, all.length)));
  const askHalf = async (some: readonly T[]): Promise<Failure | null> => {
    const asked = await ask(some);
    return 'error' in asked ? asked : null;
  };
  const search = async (some: readonly T[], failure: Failure): Promise<void> => {
    const [one, ...others] = some;
    if (one === undefined) return;
    if (others.length === 0) {
      culprits.set(one, failure.error);
      return;
    }
    if (failure.late) await asker.divideTime(steps);
    const left = some.slice(0, some.length >> 1);
    const right = some.slice(some.length >> 1);
    const inLeft = await askHalf(left);
    if (inLeft !== null) await search(left, inLeft);
    // What fails although its left half does not fails by its right half; together, both may just take too long.
    const inRight = inLeft === null && !failure.late ? failure : await askHalf(right);
    if (inRight !== null) await search(right, inRight);
  };
  await search(all, first);
  await asker.restoreTime();
  return culprits;
}

/** Why some could not be asked together. */
export type Failure = Extract<Asking<unknown>, { error: unknown }>;
