import { until } from '../poll.ts';

const LENGTH_MS = { hour: 3_600_000, day: 86_400_000 } as const;

/** How much of an hour or a day is wanted, and where it begins. */
export interface WithinOne {
  /** Milliseconds that are to be left of it; 45 s when left out. */
  readonly roomMs?: number;
  /** Milliseconds by which it begins later than the hour or day of UTC does. */
  readonly offsetMs?: number;
}

/**
 * Where less than a test needs is left of this hour or day, waits for the next one: for tests that count from now and may
 * not have the hour, or midnight UTC, go by meanwhile. To be called before a database is made.
 */
export async function withinOne(
  what: 'hour' | 'day',
  { roomMs = 45_000, offsetMs = 0 }: WithinOne = {},
): Promise<void> {
  const left = (): number => LENGTH_MS[what] - ((Date.now() - offsetMs) % LENGTH_MS[what]);
  await until(() => left() >= roomMs, { what: `another ${what} has begun`, timeoutMs: roomMs + 10_000 });
}
