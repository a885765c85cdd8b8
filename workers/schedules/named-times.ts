import { localSlots } from '../../activities/local-slot.ts';
import {
  instantOf,
  isTimeZone,
  offsetsOf,
  tabledOffsets,
  type OffsetAt,
} from '../../activities/local-time.ts';
import type { NamedSlot } from '../../activities/missed-slots.ts';
import { slotAt } from '../../workflows/slot.ts';
import { hoursOf, minutesOf, pipelineOf, weekdaysOf, type WeirSchedule } from './schedule.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/**
 * The instants that a schedule names after one and up to another, without jitter, oldest first. Local times that fall
 * together, because one of them does not come, are one.
 *
 * @param after epoch milliseconds, as all here
 */
export function namedTimes(
  schedule: WeirSchedule,
  offsetAt: OffsetAt,
  after: number,
  until: number,
): readonly number[] {
  const weekdays = new Set(weekdaysOf(schedule));
  const timesOfDay = timesOfDayOf(schedule);
  const times = new Set<number>();
  const firstDay = Math.floor(after / DAY_MS) * DAY_MS - 2 * DAY_MS;
  for (let day = firstDay; day <= until + 2 * DAY_MS; day += DAY_MS) {
    if (!weekdays.has(new Date(day).getUTCDay())) continue;
    for (const ofDay of timesOfDay) {
      const time = instantOf(offsetAt, day + ofDay);
      if (time > after && time <= until) times.add(time);
    }
  }
  return [...times].sort((one, other) => one - other);
}

/** Milliseconds of a day. */
function timesOfDayOf(schedule: WeirSchedule): readonly number[] {
  const secondMs = (schedule.second ?? 0) * 1000;
  return hoursOf(schedule).flatMap((hour) =>
    minutesOf(schedule).map((minute) => hour * HOUR_MS + minute * MINUTE_MS + secondMs),
  );
}

/**
 * The offsets of a schedule's zone between two instants.
 *
 * @throws Error naming the schedule whose zone is none.
 */
export function scheduleOffsets({ scheduleId, timeZone }: WeirSchedule, from: number, to: number): OffsetAt {
  if (timeZone === undefined) return () => 0;
  if (!isTimeZone(timeZone))
    throw new Error(
      `the schedule ${scheduleId} has the time zone ${timeZone}, which is none that Node knows; name one as the IANA database does, like America/New_York.`,
    );
  return tabledOffsets(offsetsOf(timeZone), from - 4 * DAY_MS, to + 4 * DAY_MS);
}

/** The slots of a pipeline's schedule whose times lie after one instant and before another; none of another schedule. */
export function namedSlots(schedule: WeirSchedule, after: Date, before: Date): readonly NamedSlot[] {
  const kind = pipelineOf(schedule);
  if (kind === null) return [];
  const [from, to] = [after.getTime(), before.getTime() - 1];
  const { timeZone, scheduleId } = schedule;
  const slotOf = timeZone === undefined ? utcSlots(kind.grainMs) : localSlots(timeZone, kind.pipeline);
  return namedTimes(schedule, scheduleOffsets(schedule, from, to), from, to).map((time) => {
    const scheduledAt = new Date(time);
    const second = `${scheduledAt.toISOString().slice(0, 19)}Z`;
    return { ...slotOf(scheduledAt), scheduledAt: second, workflowId: `${scheduleId}-${second}` };
  });
}

function utcSlots(grainMs: number) {
  return (at: Date) => {
    const { start, end } = slotAt(grainMs, at.getTime());
    return { start: start.toISOString(), end: end.toISOString() };
  };
}
