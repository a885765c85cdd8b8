const MINUTE_MS = 60_000;

/**
 * So far into a minute a round begins: samples are of the minute that Postgres' clock shows, and at its very edge a clock a
 * little behind the server's would show the one before, which has its sample, and leave the next without.
 */
const INTO_MINUTE_MS = 2_000;

/** Milliseconds until the next minute has begun by every clock. */
export function untilNextMinute(now: number): number {
  return MINUTE_MS - ((now - INTO_MINUTE_MS) % MINUTE_MS);
}
