import { formatInstant, parseInstant } from '../../expectations/instant.ts';

/**
 * A number that is round and not below `value`: 1, 2 or 5 with zeros. 8,932 becomes 10,000; -8,932 becomes -5,000.
 * Null where there is no such double.
 */
export function roundUp(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  if (value === 0) return 0;
  if (value < 0) return negated(roundDownPositive(-value));
  for (const step of [1, 2, 5, 10]) {
    const round = scaled(step, Math.floor(Math.log10(value)));
    if (round >= value) return Number.isFinite(round) ? round : null;
  }
  return null;
}

/** The same, and not above `value`. */
export function roundDown(value: number): number | null {
  return negated(roundUp(-value));
}

function negated(value: number | null): number | null {
  return value === null || value === 0 ? value : -value;
}

function roundDownPositive(value: number): number | null {
  for (const step of [5, 2, 1, 0.5]) {
    const round = scaled(step, Math.floor(Math.log10(value)));
    if (round <= value) return round;
  }
  return 0;
}

/** Read from text: 3 times 10 to the -1 is 0.30000000000000004 when multiplied. */
function scaled(step: number, exponent: number): number {
  return Number(`${step}e${exponent}`);
}

/** The day on which a time lies, such as `2017-01-01`; null where ISO 8601 has no room for it. */
export function dayOf(time: string): string | null {
  const instant = parseInstant(time);
  return instant === null ? null : formatInstant(instant).slice(0, 10);
}

/** A share, 0 to 1, rounded up to one digit: 0.0137 becomes 0.02. */
export function shareUp(share: number): number {
  if (share <= 0) return 0;
  const exponent = Math.floor(Math.log10(share));
  const digit = [1, 2, 3, 4, 5, 6, 7, 8, 9].find((one) => scaled(one, exponent) >= share) ?? 10;
  return Math.min(1, scaled(digit, exponent));
}
