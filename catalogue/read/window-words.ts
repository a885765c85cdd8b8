import { isRebuild, readWindow, replayedLoad, windowDeltas } from '../../models/window.ts';
import type { Window } from '../../models/window.ts';

/**
 * What a load read, in words: `by arrival: what was new in raw_transactions`.
 *
 * @param kept as `control.load.read_window` has it. One that another version of Weir wrote says so.
 */
export function windowWords(kept: unknown): string {
  const window = known(kept);
  if (window === null) return 'a window that this version does not know';
  const replayed = replayedLoad(window);
  const read = replayed === null ? wordsOf(window) : `replay of load ${replayed}: ${wordsOf(window)}`;
  return read;
}

function known(kept: unknown): Window | null {
  try {
    return readWindow(kept);
  } catch {
    return null;
  }
}

function wordsOf(window: Window): string {
  const deltas = windowDeltas(window).join(', ');
  switch (window.kind) {
    case 'whole':
      return 'whole: everything that it reads';
    case 'interval':
      return `interval: ${intervalWords(window.start, window.end)} of ${deltas}`;
    case 'arrival':
      if (isRebuild(window)) return `rebuild: everything in ${deltas}`;
      return isFirst(window)
        ? `by arrival: everything in ${deltas}, for the first time`
        : `by arrival: what was new in ${deltas}`;
  }
}

function isFirst(window: Window): boolean {
  return window.kind === 'arrival' && Object.values(window.deltas).every(({ from }) => from === null);
}

/** `2017-01-02 08:00 to 09:00 UTC`; the day is said once where it is one. */
function intervalWords(start: string, end: string): string {
  const [from, to] = [start, end].map((one) => {
    const at = new Date(one);
    return Number.isNaN(at.getTime()) ? one : at.toISOString().slice(0, 16).replace('T', ' ');
  });
  if (from === undefined || to === undefined) return '';
  const sameDay = from.slice(0, 10) === to.slice(0, 10);
  return `${from} to ${sameDay ? to.slice(11) : to} UTC`;
}
