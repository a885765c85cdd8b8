import type { Round } from '../gates/ratios.ts';
import { PeerMissing } from '../peers/python.ts';
import type { Base } from './database.ts';
import { figureOf } from './rows.ts';
import type { SavedState } from './state.ts';
import { restoreState } from './state.ts';
import type { HourSeconds } from './weir-hour.ts';

/** Somebody who loads an hour over a base. */
export interface Contestant {
  readonly name: string;
  readonly base: Base;
  /** What the base goes back to afterwards. */
  readonly saved: SavedState;
  /** Whether it takes part in the round that does not count. */
  readonly warmsUp: boolean;
  load(): Promise<HourSeconds>;
}

/** How many rounds, and who hears how far they are. */
export interface RoundsOrder {
  readonly count: number;
  readonly onProgress: (line: string) => void;
  /** A peer that broke takes no further part. */
  readonly onMissing: (reason: string) => void;
  readonly onRound: (round: Round) => void;
}

/**
 * Lets everybody load the same hour once a round, one after the other, beginning with another one each round, each from
 * the same state. One round goes before that does not count: the first hour in an index that was built at once splits
 * its pages, later ones find the room that it left.
 */
export async function runRounds(contestants: readonly Contestant[], order: RoundsOrder): Promise<void> {
  let left = contestants;
  for (let number = -1; number < order.count; number += 1) {
    const round = new Map<string, number>();
    const by = left.length === 0 ? 0 : Math.max(0, number) % left.length;
    for (const one of [...left.slice(by), ...left.slice(0, by)]) {
      if (number < 0 && !one.warmsUp) continue;
      const took = await loadOnce(one, order);
      await restoreState(one.base, one.saved);
      if (took === null) {
        left = left.filter((other) => other !== one);
        continue;
      }
      const { size } = one.base;
      round.set(figureOf(one.name, 'stg', size), took.stg).set(figureOf(one.name, 'fct', size), took.fct);
      const which = number < 0 ? 'does not count' : `round ${number + 1} of ${order.count}`;
      order.onProgress(
        `${which}: ${size}, ${one.name}: stg ${took.stg.toFixed(2)} s, fct ${took.fct.toFixed(2)} s`,
      );
    }
    if (number >= 0) order.onRound(round);
  }
}

async function loadOnce({ load }: Contestant, { onMissing }: RoundsOrder): Promise<HourSeconds | null> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof PeerMissing)) throw error;
    onMissing(error.message);
    return null;
  }
}
