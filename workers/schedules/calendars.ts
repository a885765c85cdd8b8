import type { CalendarSpec, Range } from '@temporalio/client';
import { dateRules, dayNames, runsOf, type DateRule } from './date-rules.ts';
import { namedTimes, scheduleOffsets } from './named-times.ts';
import { hoursOf, weekdaysOf, type WeirSchedule } from './schedule.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** How many years after the first one are compiled date by date. */
const YEARS_AHEAD = 3;

/** The last year that Temporal's calendars know. */
const LAST_YEAR = 2100;

/** A schedule's times as Temporal takes them, in UTC. */
export interface Calendars {
  readonly calendars: CalendarSpec[];
  /** The last year whose changes of daylight saving are in them; null where there is none to know. */
  readonly lastYear: number | null;
}

/**
 * The calendars of a schedule. In UTC that is one. Temporal's own local-time ones skip the local time that does not come
 * in spring and run the one that comes twice in autumn twice (https://github.com/temporalio/temporal/issues/8205), so a
 * zone's times are worked out for some years ahead, one calendar a stretch of dates with one offset. After the last of
 * those years they go on at the offset of that New Year: each date still runs once, by then an hour off in the other
 * half of the year.
 *
 * @throws Error for a schedule of each minute in a zone.
 * @param firstYear the first year that runs or is backfilled from the Schedules page
 */
export function compileCalendars(schedule: WeirSchedule, firstYear: number): Calendars {
  const { timeZone, minute } = schedule;
  if (timeZone === undefined) return { calendars: [utcCalendar(schedule)], lastYear: null };
  if (minute === undefined || schedule.second !== undefined)
    throw new Error(
      `the schedule ${schedule.scheduleId} names each minute or a second, and the time zone ${timeZone}: leave the zone out, minutes are the same in all of them.`,
    );
  const lastYear = firstYear + YEARS_AHEAD;
  const [from, to] = [Date.UTC(firstYear, 0, 1), Date.UTC(lastYear + 1, 0, 1)];
  const offsetAt = scheduleOffsets(schedule, from, to);
  const offset = offsetAt(to);
  const shifted = hoursOf(schedule).map((hour) => hour * 60 + minute - offset / MINUTE_MS);
  // Nothing changes in those years, so nothing has to be known by year.
  const changes = hasChange(offsetAt, from, to);
  const days = changes ? byTimeOfDay(namedTimes(schedule, offsetAt, from - 1, to - 1)) : new Map();
  const tail = shifted.map((minutes) => afterwards(schedule, minutes, changes ? lastYear + 1 : null));
  const rules = [...days].flatMap(([time, dates]) => dateRules(dates).map((rule) => ({ time, rule })));
  return {
    calendars: byRule([...rules, ...tail]).map((one) => ({ ...one, comment: timeZone })),
    lastYear: changes ? lastYear : null,
  };
}

function utcCalendar(schedule: WeirSchedule): CalendarSpec {
  const { minute, second, hour, daysOfWeek } = schedule;
  return {
    ...(second === undefined ? {} : { second }),
    minute: minute ?? '*',
    hour: hour === undefined ? '*' : ranges(hoursOf(schedule)),
    ...(daysOfWeek === undefined ? {} : { dayOfWeek: dayNames(weekdaysOf(schedule)) }),
    comment: 'UTC',
  };
}

function hasChange(offsetAt: (instant: number) => number, from: number, to: number): boolean {
  for (let day = from; day < to; day += DAY_MS) if (offsetAt(day) !== offsetAt(day + DAY_MS)) return true;
  return false;
}

/** Dates (epoch days) by minute of the day. */
function byTimeOfDay(times: readonly number[]): Map<number, number[]> {
  const days = new Map<number, number[]>();
  for (const time of times) {
    const day = Math.floor(time / DAY_MS);
    const minute = (time - day * DAY_MS) / MINUTE_MS;
    days.set(minute, [...(days.get(minute) ?? []), day]);
  }
  return days;
}

/** A time of the day, in minutes, and the dates it is of. */
interface TimeOfDates {
  readonly time: number;
  readonly rule: DateRule;
}

/** What goes on at one offset for ever. @param minutes of the local day, in UTC: may be before it or after. */
function afterwards(schedule: WeirSchedule, minutes: number, fromYear: number | null): TimeOfDates {
  const shift = Math.floor(minutes / 1440);
  const weekdays = weekdaysOf(schedule).map((day) => (day + shift + 7) % 7);
  return {
    time: minutes - shift * 1440,
    rule: {
      ...(fromYear === null ? {} : { year: { start: fromYear, end: LAST_YEAR } }),
      ...(weekdays.length === 7 ? {} : { weekdays: weekdays.sort((one, other) => one - other) }),
    },
  };
}

/** Hours of the same dates and minute share a calendar. */
function byRule(times: readonly TimeOfDates[]): CalendarSpec[] {
  const shared = new Map<string, { readonly minute: number; readonly rule: DateRule; hours: number[] }>();
  for (const { time, rule } of times) {
    const minute = time % 60;
    const key = JSON.stringify([minute, rule]);
    const one = shared.get(key) ?? { minute, rule, hours: [] };
    one.hours.push(Math.floor(time / 60));
    shared.set(key, one);
  }
  return [...shared.values()].map(({ minute, rule, hours }) => ({
    minute,
    hour: ranges(hours),
    ...(rule.year === undefined ? {} : { year: rule.year }),
    ...(rule.months === undefined ? {} : { month: rule.months }),
    ...(rule.days === undefined ? {} : { dayOfMonth: [...rule.days] }),
    ...(rule.weekdays === undefined ? {} : { dayOfWeek: dayNames(rule.weekdays) }),
  }));
}

function ranges(hours: readonly number[]): Range<number>[] {
  const ascending = [...hours].sort((one, other) => one - other);
  return runsOf(ascending).map(({ start, end }) => ({ start, end, step: 1 }));
}
