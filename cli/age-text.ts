export { durationText as ageText } from '../models/duration.ts';

/** How long ago that was, or how far off it is, in seconds; never less than 0. */
export function secondsBetween(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}
