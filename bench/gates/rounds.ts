import { PeerMissing } from '../peers/python.ts';
import type { Contestant } from './contestant.ts';
import type { Round } from './ratios.ts';

/** How to run rounds, and who hears how far they are. */
export interface RoundsOrder {
  readonly rows: number;
  readonly count: number;
  /** Whether one round goes before that does not count: what is loaded at the first use is nobody's time. */
  readonly warmUp: boolean;
  readonly onProgress: (line: string) => void;
  /** A peer that broke takes no further part. */
  readonly onMissing: (reason: string) => void;
}

/** A contestant this many times as slow as the best of its own kind is not asked again: it cannot become the best. */
const HOPELESS = 2;

/**
 * Lets everybody check the table once a round, one after the other, beginning with another one each round, so that what
 * a neighbour leaves in the caches, and a machine that slows down, hit all alike.
 *
 * @param alternatives contestants of which only the best counts: one that a round shows to be far behind it is left
 *   out of the later ones.
 */
export async function runRounds(
  contestants: readonly Contestant[],
  alternatives: readonly string[],
  order: RoundsOrder,
): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  let left = contestants;
  for (let number = order.warmUp ? -1 : 0; number < order.count; number += 1) {
    const round = await runRound(rotated(left, Math.max(0, number)), order);
    const told = [...round].map(([name, took]) => `${name} ${took.toFixed(2)} s`);
    order.onProgress(
      `round ${number + 1} of ${order.count}${number < 0 ? ', does not count' : ''}: ${told.join(', ')}`,
    );
    left = left.filter(({ name }) => round.has(name));
    if (number < 0) continue;
    rounds.push(round);
    left = left.filter(({ name }) => !isHopeless(name, alternatives, round));
  }
  return rounds;
}

async function runRound(
  contestants: readonly Contestant[],
  { rows, onMissing }: RoundsOrder,
): Promise<Round> {
  const round = new Map<string, number>();
  for (const { name, check } of contestants) {
    try {
      round.set(name, await check(rows));
    } catch (error) {
      if (!(error instanceof PeerMissing)) throw error;
      onMissing(`${name}: ${error.message}`);
    }
  }
  return round;
}

/** The same list, beginning at another place. */
function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const at = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

/** Whether a contestant is one of several of which the best counts, and far behind that best. */
function isHopeless(name: string, alternatives: readonly string[], round: Round): boolean {
  if (!alternatives.includes(name)) return false;
  const best = Math.min(...alternatives.map((one) => round.get(one) ?? Infinity));
  return (round.get(name) ?? 0) > HOPELESS * best;
}
