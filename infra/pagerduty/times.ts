const UNITS = [
  { name: 'second', ms: 1_000, upTo: 90 },
  { name: 'minute', ms: 60_000, upTo: 90 },
  { name: 'hour', ms: 3_600_000, upTo: 36 },
  { name: 'day', ms: 86_400_000, upTo: 60 },
  { name: 'month', ms: 2_629_800_000, upTo: 24 },
  { name: 'year', ms: 31_557_600_000, upTo: Number.POSITIVE_INFINITY },
] as const;

/** A span in the unit that a person would say it in: `54 seconds`, `1 hour`, `9 years`. @param ms 0 or more */
export function spanText(ms: number): string {
  const unit = UNITS.find((one) => Math.round(ms / one.ms) < one.upTo) ?? UNITS[0];
  return countText(Math.round(ms / unit.ms), unit.name, `${unit.name}s`);
}

/** How far a time is from now: `54 seconds ago`, `in 11 hours`. Both epoch milliseconds. */
export function agoText(at: number, now: number): string {
  if (Math.abs(now - at) < 1_000) return 'now';
  return at < now ? `${spanText(now - at)} ago` : `in ${spanText(at - now)}`;
}

/** `2026-11-22 16:08 UTC`. @param at epoch milliseconds */
export function minuteText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `1 entry`, `3 entries`. */
export function countText(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
