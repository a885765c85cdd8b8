const units = { minute: 60, hour: 3600, day: 86_400 } as const;

/** Lengths of time as a header writes them: `75 minutes`, `2 h`, `1 day`. */
export const durationPattern = '^[1-9][0-9]{0,5} ?(m|min|minutes?|h|hours?|d|days?)$';

/** Whole days as a header writes them: `90 days`. */
export const daysPattern = '^[1-9][0-9]{0,4} ?(d|days?)$';

/**
 * A length of time that {@link durationPattern} allows, in seconds.
 *
 * @throws Error for any other text.
 */
export function durationSeconds(text: string): number {
  const found = /^(\d+) ?([mhd])/.exec(text);
  if (found === null || !new RegExp(durationPattern).test(text))
    throw new Error(`${JSON.stringify(text)} is no length of time, such as 75 minutes or 2 h.`);
  const unit = found[2] === 'm' ? units.minute : found[2] === 'h' ? units.hour : units.day;
  return Number(found[1]) * unit;
}

/** Whole days that {@link daysPattern} allows. @throws Error for any other text. */
export function durationDays(text: string): number {
  return durationSeconds(text) / units.day;
}

const shownUnits = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** A length of time as people say it, in its two largest units: `3 h 12 min`, `45 s`. @param seconds 0 or more. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  const largest = shownUnits.findIndex(([, length]) => whole >= length);
  if (largest < 0) return '0 s';
  const parts = shownUnits.slice(largest, largest + 2).flatMap(([unit, length], place) => {
    const count =
      place === 0
        ? Math.floor(whole / length)
        : Math.floor((whole % (shownUnits[largest]?.[1] ?? 1)) / length);
    return count === 0 ? [] : [`${count} ${unit}`];
  });
  return parts.join(' ');
}
