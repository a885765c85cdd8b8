/** A data interval, half-open. */
export interface Slot {
  readonly start: Date;
  readonly end: Date;
}

/**
 * The last whole grain that had ended at a time, whatever second of the next one it is: a trigger carries the second of
 * the click. Grains are counted from the epoch, as hours and days of UTC are; a local day is worked out by the plan
 * (activities/local-slot.ts), because a zone's rules change with the worker's Node.
 *
 * @param grainMs milliseconds
 * @param at epoch milliseconds
 */
export function slotAt(grainMs: number, at: number): Slot {
  const end = Math.floor(at / grainMs) * grainMs;
  return { start: new Date(end - grainMs), end: new Date(end) };
}

/** When a run was meant to start and when it did. */
export interface Started {
  /** The time its schedule names. Temporal leaves the jitter out of it, so a slot is told by it alone. */
  readonly scheduledAt: Date;
  readonly startedAt: Date;
  /** The most that the schedule's jitter delays a start by; milliseconds. */
  readonly jitterMs: number;
}

/** A trigger and a scheduled start happen when they are meant to, give or take what the server needs. */
const LATE_MS = 60_000;

/** Whether a run started much later than its schedule meant it to: it is caught up after an outage, or backfilled. */
export function isLate({ scheduledAt, startedAt, jitterMs }: Started): boolean {
  return startedAt.getTime() - scheduledAt.getTime() > LATE_MS + jitterMs;
}

/** The jitter that a schedule tells its runs of in their memo; none where it tells nothing. */
export function jitterOf(memo: Readonly<Record<string, unknown>> | undefined): number {
  const told = memo?.['jitterMs'];
  return typeof told === 'number' && told > 0 ? told : 0;
}
