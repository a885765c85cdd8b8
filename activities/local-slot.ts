import { GRAIN_MS } from '../models/grain.ts';
import type { PlannedInterval } from '../models/plan.ts';
import { firstInstantFrom, offsetsOf, type OffsetAt } from './local-time.ts';

/**
 * Makes the function that tells the last whole day or hour of a zone that had ended at an instant. A local day has 23, 24
 * or 25 hours; the hour that comes twice in autumn is one of two hours, and the one that does not come in spring is none,
 * so that slots lie side by side.
 *
 * @param timeZone one that `isTimeZone`
 */
export function localSlots(timeZone: string, pipeline: keyof typeof GRAIN_MS): (at: Date) => PlannedInterval {
  const offsetAt = offsetsOf(timeZone);
  const grain = GRAIN_MS[pipeline];
  return (at) => {
    const end = lastBoundary(offsetAt, grain, at.getTime());
    const start = lastBoundary(offsetAt, grain, end - 1);
    return { start: new Date(start).toISOString(), end: new Date(end).toISOString() };
  };
}

/** The beginning of the local day or hour that an instant is in. */
function lastBoundary(offsetAt: OffsetAt, grain: number, instant: number): number {
  const wall = Math.floor((instant + offsetAt(instant)) / grain) * grain;
  // Where clocks were set back over the boundary, the next one has come already.
  const next = firstInstantFrom(offsetAt, wall + grain);
  return next <= instant ? next : firstInstantFrom(offsetAt, wall);
}
