/** Shares of a whole: of values, or of bins with what lies below and above them. */
export interface Weights {
  readonly weights: readonly number[];
  /** Below the first and above the last bin. */
  readonly tails: readonly [below: number, above: number];
}

/** How much of the expected weights is set aside for what the partition does not expect. */
export interface Holdout {
  /** For values that are not named, or for what lies outside the bins. */
  readonly tail: number;
  /** For bins that are expected to be empty. */
  readonly internal: number;
}

/** A partition of numbers as a suite writes it. Bins may begin and end at infinity. */
export interface BinPartition {
  readonly bins: readonly number[];
  readonly weights: readonly number[];
  readonly tail_weights?: readonly [number, number];
}

/**
 * Kullback-Leibler divergence of what was observed from what was expected, in nats, both made to sum to 1. Infinite
 * where something occurs that has no weight.
 *
 * @see https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.entropy.html
 */
export function divergence(observed: readonly number[], expected: readonly number[]): number {
  const [whole, wholeExpected] = [sum(observed), sum(expected)];
  return observed.reduce((total, weight, place) => {
    const share = weight / whole;
    const expectedShare = (expected[place] ?? 0) / wholeExpected;
    return share === 0 ? total : total + share * Math.log(share / expectedShare);
  }, 0);
}

/** Sum of numbers. */
export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** The bins without infinite ends: what lies beyond is in the tails. */
export function finiteBins({ bins }: BinPartition): readonly number[] {
  return bins.filter(Number.isFinite);
}

/** What each bin and tail should weigh, with what is held out set aside. */
export function expectedWeights(partition: BinPartition, holdout: Holdout): Weights {
  const scaled = partition.weights.map((weight) => weight * (1 - holdout.tail - holdout.internal));
  const empty = scaled.filter((weight) => weight === 0).length;
  const weights = scaled.map((weight) => (weight === 0 && empty > 0 ? holdout.internal / empty : weight));
  const open = [partition.bins[0] === -Infinity, partition.bins.at(-1) === Infinity] as const;
  const inner = weights.slice(open[0] ? 1 : 0, open[1] ? -1 : undefined);
  const [first = 0, last = 0] = [weights[0], weights.at(-1)];
  if (open[0] && open[1]) return { weights: inner, tails: [first, last] };
  if (open[0]) return { weights: inner, tails: [first, holdout.tail] };
  if (open[1]) return { weights: inner, tails: [holdout.tail, last] };
  return { weights, tails: partition.tail_weights ?? [holdout.tail / 2, holdout.tail / 2] };
}

/** Bins and tails as one list. */
export function withTails({ weights, tails: [below, above] }: Weights): readonly number[] {
  return [below, ...weights, above];
}

/** A share of each value: of those expected, then of those that were not. */
export interface ValueWeights {
  readonly values: readonly (string | number | boolean)[];
  readonly observed: readonly number[];
  readonly expected: readonly number[];
}

/** Values that occur beside the values expected, in order; those not expected, where there are any, share what is held out. */
export function weighValues(
  expected: ReadonlyMap<string | number | boolean, number>,
  counts: ReadonlyMap<string | number | boolean, number>,
  holdout: number,
): ValueWeights {
  const rows = sum([...counts.values()]);
  const strangers = [...counts.keys()].filter((value) => !expected.has(value));
  const kept = strangers.length === 0 ? 1 : 1 - holdout;
  const values = [...expected.keys(), ...strangers].toSorted(compareValues);
  return {
    values,
    observed: values.map((value) => (counts.get(value) ?? 0) / rows),
    expected: values.map((value) => {
      const weight = expected.get(value);
      return weight === undefined ? holdout / strangers.length : weight * kept;
    }),
  };
}

function compareValues(one: string | number | boolean, other: string | number | boolean): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  const [a, b] = [String(one), String(other)];
  return a < b ? -1 : Number(a > b);
}
