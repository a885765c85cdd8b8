import type { Contestant } from './contestant.ts';
import type { Round } from './ratios.ts';

/** How to run rounds, and who hears how far they are. */
export interface Rounds {
  readonly rows: number;
  readonly count: number;
  readonly onProgress: (line: string) => void;
}

/** A contestant this many times as slow as the best of its own kind is not asked again: it cannot become the best. */
const HOPELESS = 1.5;

/**
 * Lets everybody check the table once a round, one after the other, beginning with another one each round, so that what
 * a neighbour leaves in the caches, and a machine that slows down, hit all alike.
 *
 * @param alternatives contestants of which only the best counts: those that the first round shows to be far behind it
 *   are left out of the later ones.
 */
export async function runRounds(
  contestants: readonly Contestant[],
  alternatives: readonly string[],
  { rows, count, onProgress }: Rounds,
): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  let left = contestants;
  for (let number = 0; number < count; number += 1) {
    const round = new Map<string, number>();
    for (const { name, check } of rotated(left, number)) round.set(name, await check(rows));
    rounds.push(round);
    const told = left.map(({ name }) => `${name} ${(round.get(name) ?? 0).toFixed(2)} s`);
    onProgress(`round ${number + 1} of ${count}: ${told.join(', ')}`);
    if (number === 0) left = left.filter(({ name }) => !isHopeless(name, alternatives, round));
  }
  return rounds;
}

/** The same list, beginning at another place. */
export function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const at = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

/** Whether a contestant is one of several of which the best counts, and far behind that best. */
export function isHopeless(name: string, alternatives: readonly string[], round: Round): boolean {
  if (!alternatives.includes(name)) return false;
  const best = Math.min(...alternatives.map((one) => round.get(one) ?? Infinity));
  return (round.get(name) ?? 0) > HOPELESS * best;
}
