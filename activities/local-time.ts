const SECOND_MS = 1000;
const DAY_MS = 86_400_000;

/** How far a zone's clocks are ahead of UTC at an instant; both in milliseconds. */
export type OffsetAt = (instant: number) => number;

/** Whether Node knows a zone of that name, as the IANA time zone database calls it. */
export function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).format(0) !== '';
  } catch {
    return false; // Intl's way of saying so.
  }
}

/** The offsets of a zone, from the time zone data of this Node. Takes some microseconds an instant. */
export function offsetsOf(timeZone: string): OffsetAt {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (instant) => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const [year = 0, month = 1, day = 1] = (['year', 'month', 'day'] as const).map((one) => parts.get(one));
    const [hour = 0, minute = 0, second = 0] = (['hour', 'minute', 'second'] as const).map((one) =>
      parts.get(one),
    );
    const wall = Date.UTC(year, month - 1, day, hour, minute, second);
    return wall - Math.floor(instant / SECOND_MS) * SECOND_MS;
  };
}

/** The same from a table of the changes between two instants, for those who ask often. Outside it the nearest counts. */
export function tabledOffsets(offsetAt: OffsetAt, from: number, to: number): OffsetAt {
  const changes = [{ at: Number.NEGATIVE_INFINITY, offset: offsetAt(from) }];
  for (let day = from; day < to; day += DAY_MS) {
    if (offsetAt(day) === offsetAt(day + DAY_MS)) continue;
    const at = firstChange(offsetAt, day, day + DAY_MS);
    changes.push({ at, offset: offsetAt(at) });
  }
  return (instant) => changes.findLast(({ at }) => at <= instant)?.offset ?? 0;
}

/**
 * The instant at which the clocks of a zone show a time, by the rule of RFC 5545 (3.3.5,
 * https://www.rfc-editor.org/rfc/rfc5545#section-3.3.5): of a time that comes twice the first; one that does not come is
 * read with the offset from before the gap, so it is as much later as the gap is long.
 *
 * @param wall what the clocks show, in milliseconds as if it were UTC
 */
export function instantOf(offsetAt: OffsetAt, wall: number): number {
  return comes(offsetAt, wall) ?? wall - offsetBefore(offsetAt, wall);
}

/** The first instant at which the clocks show a time or a later one: of a time in a gap, the end of the gap. */
export function firstInstantFrom(offsetAt: OffsetAt, wall: number): number {
  return (
    comes(offsetAt, wall) ??
    firstChange(offsetAt, wall - offsetAfter(offsetAt, wall) - SECOND_MS, wall - offsetBefore(offsetAt, wall))
  );
}

/** No two changes of a zone are so near, and no zone is so far from UTC. */
const AROUND_MS = 36 * 3_600_000;

const offsetBefore = (offsetAt: OffsetAt, wall: number) => offsetAt(wall - AROUND_MS);
const offsetAfter = (offsetAt: OffsetAt, wall: number) => offsetAt(wall + AROUND_MS);

/** The first instant that shows a time; null where none does. */
function comes(offsetAt: OffsetAt, wall: number): number | null {
  const instants = [offsetBefore(offsetAt, wall), offsetAfter(offsetAt, wall)]
    .map((offset) => ({ instant: wall - offset, offset }))
    .filter(({ instant, offset }) => offsetAt(instant) === offset)
    .map(({ instant }) => instant);
  return instants.length > 0 ? Math.min(...instants) : null;
}

/** The first instant, to the second, at which an offset is another than at the beginning. */
function firstChange(offsetAt: OffsetAt, from: number, to: number): number {
  const before = offsetAt(from);
  let [low, high] = [Math.floor(from / SECOND_MS), Math.ceil(to / SECOND_MS)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * SECOND_MS) === before) low = middle;
    else high = middle;
  }
  return high * SECOND_MS;
}
