import type { BackfillState, FailedInterval } from './state.ts';

/** What decides which intervals are begun. */
export type SlidingWindow = Pick<
  BackfillState,
  'queue' | 'live' | 'width' | 'paused' | 'failures' | 'failed' | 'done' | 'ends' | 'more' | 'held'
>;

/** So many ends make the rate; so many failures are kept with their reasons. */
const RATE_ENDS = 40;
const FAILED_KEPT = 12;

/** Whether so many have failed that none is begun any more. */
export function isStopped({ failures }: Pick<SlidingWindow, 'failures'>, stopAfter: number): boolean {
  return failures >= stopAfter;
}

/** How many intervals go on. */
export function liveCount({ live }: Pick<SlidingWindow, 'live'>): number {
  return Object.keys(live).length;
}

/**
 * The intervals that may be begun now: as one ends the next one takes its place, in the order of the queue and never
 * more than `width` side by side.
 */
export function startable(window: SlidingWindow, stopAfter: number): readonly string[] {
  if (window.paused !== null || isStopped(window, stopAfter)) return [];
  return window.queue.slice(0, Math.max(0, window.width - liveCount(window)));
}

/** Whether there is nothing left to begin or to wait for. */
export function isOver(window: SlidingWindow, stopAfter: number): boolean {
  if (liveCount(window) > 0) return false;
  return isStopped(window, stopAfter) || (window.queue.length === 0 && !window.more);
}

/** An interval begins. */
export function begin(window: SlidingWindow, start: string, now: number): void {
  window.queue.splice(window.queue.indexOf(start), 1);
  window.live[start] = now;
}

/** An interval ends, well where `failure` is null. */
export function end(window: SlidingWindow, start: string, now: number, failure: FailedInterval | null): void {
  delete window.live[start];
  window.held = []; // Somebody went on: what was held is looked at anew.
  window.ends.push(now);
  window.ends.splice(0, window.ends.length - RATE_ENDS);
  if (failure === null) {
    window.done += 1;
    return;
  }
  window.failures += 1;
  if (window.failed.length < FAILED_KEPT) window.failed.push(failure);
}

/** Milliseconds an interval, by the last ones that ended; null before two have. */
export function paceMs({ ends }: Pick<SlidingWindow, 'ends'>): number | null {
  const [first, last] = [ends[0], ends.at(-1)];
  if (first === undefined || last === undefined || ends.length < 2) return null;
  return (last - first) / (ends.length - 1);
}
