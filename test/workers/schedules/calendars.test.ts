import type { CalendarSpecDescription } from '@temporalio/client';
import {
  decodeOptionalStructuredCalendarSpecs,
  encodeOptionalStructuredCalendarSpecs,
} from '@temporalio/client/lib/schedule-helpers.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offsetsOf } from '../../../activities/local-time.ts';
import { compileCalendars } from '../../../workers/schedules/calendars.ts';
import { namedTimes } from '../../../workers/schedules/named-times.ts';
import type { WeirSchedule } from '../../../workers/schedules/schedule.ts';
import { clock, dates, localSchedule, shows, ZONES } from './zones.ts';

const MONTHS = 'JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER'.split(
  ' ',
);
const DAYS = 'SUNDAY MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY'.split(' ');
const WEEKDAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY'] as const;

/** All that calendars match in UTC, as Temporal reads them. */
function matches(schedule: WeirSchedule, firstYear: number, from: string, to: string): number[] {
  const { calendars } = compileCalendars(schedule, firstYear);
  const told = decodeOptionalStructuredCalendarSpecs(encodeOptionalStructuredCalendarSpecs(calendars));
  const times = dates(from, to).flatMap((date) => told.flatMap((calendar) => timesOn(calendar, date)));
  return times.sort((one, other) => one - other);
}

function timesOn(calendar: CalendarSpecDescription, date: string): number[] {
  const day = new Date(date);
  const on =
    (calendar.year.length === 0 || within(calendar.year, day.getUTCFullYear())) &&
    within(named(calendar.month, MONTHS), day.getUTCMonth()) &&
    within(calendar.dayOfMonth, day.getUTCDate()) &&
    within(named(calendar.dayOfWeek, DAYS), day.getUTCDay());
  if (!on) return [];
  return listed(calendar.hour).flatMap((hour) =>
    listed(calendar.minute).map((minute) => day.getTime() + (hour * 60 + minute) * 60_000),
  );
}

const listed = (ranges: readonly { start: number; end: number }[]) =>
  ranges.flatMap(({ start, end }) => range(end - start + 1).map((at) => start + at));
const range = (length: number) => Array.from({ length }, (_, at) => at);
const within = (ranges: readonly { start: number; end: number }[], value: number) =>
  ranges.some(({ start, end }) => start <= value && value <= end);
const named = (ranges: readonly { start: string; end: string }[], names: readonly string[]) =>
  ranges.map(({ start, end }) => ({ start: names.indexOf(start), end: names.indexOf(end) }));

const dateOf = (zone: string) => (at: number) => clock(zone, at).slice(0, 10);

describe.each(ZONES)('a daily schedule of %s', (timeZone) => {
  it.each([
    [0, 30],
    [1, 30],
    [2, 30],
    [23, 45],
  ])('at %d:%d runs once each local date, at that time unless it does not come', (hour, minute) => {
    const schedule = localSchedule({ timeZone, hour, minute });
    const times = matches(schedule, 2025, '2025-01-02', '2027-01-01');
    // The first and last local date lie partly in other years.
    expect(times.map(dateOf(timeZone))).toEqual(expect.arrayContaining(dates('2025-01-03', '2026-12-31')));
    expect(new Set(times.map(dateOf(timeZone))).size).toBe(times.length);
    const time = `${String(hour).padStart(2, '0')}:${minute}`;
    for (const at of times) {
      const shown = clock(timeZone, at);
      if (shown.slice(11) !== time) {
        expect(shown.slice(11) > time).toBe(true);
        expect(shows(timeZone, `${shown.slice(0, 10)} ${time}`)).toBe(false);
      }
      // At the first of two.
      expect([clock(timeZone, at - 1_800_000), clock(timeZone, at - 3_600_000)]).not.toContain(shown);
    }
  });

  it('goes on when nobody has renewed it, once each local date', () => {
    const times = matches(localSchedule({ timeZone, hour: 3 }), 2022, '2025-06-01', '2027-01-01');
    expect(times.map(dateOf(timeZone))).toEqual(expect.arrayContaining(dates('2025-06-02', '2026-12-31')));
    expect(new Set(times.map(dateOf(timeZone))).size).toBe(times.length);
  });
});

describe('business hours', () => {
  const business = localSchedule({
    minute: 0,
    hour: [9, 10, 11, 12, 13, 14, 15, 16, 17],
    daysOfWeek: WEEKDAYS,
  });

  it.each(ZONES)('of %s are each hour of each weekday, once', (timeZone) => {
    const times = matches({ ...business, timeZone }, 2025, '2025-01-03', '2027-01-03');
    const shown = times.map((at) => clock(timeZone, at));
    const weekdays = dates('2025-01-06', '2027-01-01').filter(
      (date) => ![0, 6].includes(new Date(date).getUTCDay()),
    );
    const wanted = weekdays.flatMap((date) =>
      range(9).map((at) => `${date} ${String(at + 9).padStart(2, '0')}:00`),
    );
    expect(shown.filter((one) => one >= '2025-01-06' && one < '2027-01-01')).toEqual(wanted);
  });

  it('fit in few calendars', () => {
    expect(compileCalendars({ ...business, timeZone: 'Europe/Berlin' }, 2025).calendars.length).toBeLessThan(
      30,
    );
  });
});

it('calendars match exactly the times that the schedule names', () => {
  const hours = fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 6 });
  const days = fc.uniqueArray(fc.constantFrom(...WEEKDAYS, 'SUNDAY', 'SATURDAY'), { minLength: 1 });
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES, undefined),
      hours,
      fc.integer({ min: 0, max: 59 }),
      days,
      fc.integer({ min: 2010, max: 2040 }),
      (timeZone, hour, minute, daysOfWeek, year) => {
        const schedule = localSchedule({
          hour,
          minute,
          daysOfWeek,
          ...(timeZone === undefined ? {} : { timeZone }),
        });
        const [from, to] = [Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)];
        const offsets = timeZone === undefined ? () => 0 : offsetsOf(timeZone);
        expect(matches(schedule, year - 1, `${year}-01-01`, `${year + 1}-01-01`)).toEqual(
          namedTimes(schedule, offsets, from - 1, to - 1),
        );
      },
    ),
    { numRuns: 30 },
  );
}, 60_000);

it('a zone whose clocks never change needs no year', () => {
  expect(compileCalendars(localSchedule({ timeZone: 'Asia/Kolkata' }), 2025)).toEqual({
    calendars: [{ minute: 0, hour: [{ start: 21, end: 21, step: 1 }], comment: 'Asia/Kolkata' }],
    lastYear: null,
  });
  expect(compileCalendars(localSchedule({ timeZone: 'Europe/Berlin' }), 2025).lastYear).toBe(2028);
});

it('a zone that is none is refused by name', () => {
  expect(() => compileCalendars(localSchedule({ timeZone: 'Mars/Olympus' }), 2025)).toThrow(
    'the schedule local has the time zone Mars/Olympus, which is none that Node knows',
  );
});
