const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** A length of time as people say it, in its two largest units: `3 h 12 min`, `45 s`. @param seconds 0 or more. */
export function ageText(seconds: number): string {
  const whole = Math.round(seconds);
  const largest = units.findIndex(([, length]) => whole >= length);
  if (largest < 0) return '0 s';
  const parts = units.slice(largest, largest + 2).flatMap(([unit, length], place) => {
    const count =
      place === 0 ? Math.floor(whole / length) : Math.floor((whole % (units[largest]?.[1] ?? 1)) / length);
    return count === 0 ? [] : [`${count} ${unit}`];
  });
  return parts.join(' ');
}

/** How long ago that was, or how far off it is, in seconds; never less than 0. */
export function secondsBetween(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}
