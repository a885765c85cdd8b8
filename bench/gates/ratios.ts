/** The middle value; the mean of the two middle ones where their number is even; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half];
  if (upper === undefined) return null;
  const lower = sorted.length % 2 === 1 ? upper : (sorted[half - 1] ?? upper);
  return (lower + upper) / 2;
}

/** Seconds that each contestant took in one round; one that was not there is missing. */
export type Round = ReadonlyMap<string, number>;

/**
 * How many times as long as `baseline` a contestant took: the median over the rounds of the ratio within each round, so
 * that a machine that slows down for a while slows both. Null where no round has both.
 */
export function ratio(rounds: readonly Round[], contestant: string, baseline: string): number | null {
  return median(
    rounds.flatMap((round) => {
      const [took, base] = [round.get(contestant), round.get(baseline)];
      return took === undefined || base === undefined || base === 0 ? [] : [took / base];
    }),
  );
}

/** The median of a contestant's seconds; null where it took part in no round. */
export function medianSeconds(rounds: readonly Round[], contestant: string): number | null {
  return median(rounds.flatMap((round) => round.get(contestant) ?? []));
}

/**
 * Adds to a round the best of several contestants, under a name of its own.
 *
 * @returns who won, null where none took part.
 */
export function withBest(
  round: Round,
  candidates: readonly string[],
  name: string,
): { readonly round: Round; readonly winner: string | null } {
  const took = candidates.flatMap((candidate) => {
    const seconds = round.get(candidate);
    return seconds === undefined ? [] : [{ candidate, seconds }];
  });
  const [best] = took.toSorted((one, other) => one.seconds - other.seconds);
  if (best === undefined) return { round, winner: null };
  return { round: new Map([...round, [name, best.seconds]]), winner: best.candidate };
}
