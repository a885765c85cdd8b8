import type { DayOfWeek, Month, Range } from '@temporalio/client';

const DAY_MS = 86_400_000;

/** Dates as Temporal's calendars say them; what is left out is any. */
export interface DateRule {
  readonly year?: { readonly start: number; readonly end: number };
  readonly months?: Range<Month>;
  readonly days?: readonly Range<number>[];
  /** Sunday is 0. */
  readonly weekdays?: readonly number[];
}

/** A rule of one month before its neighbours join it. */
interface MonthRule {
  readonly year: number;
  /** 0 to 11. */
  readonly first: number;
  readonly last: number;
  readonly days: readonly Range<number>[] | null;
  readonly weekdays: readonly number[] | null;
}

const MONTHS: readonly Month[] = [
  'JANUARY',
  'FEBRUARY',
  'MARCH',
  'APRIL',
  'MAY',
  'JUNE',
  'JULY',
  'AUGUST',
  'SEPTEMBER',
  'OCTOBER',
  'NOVEMBER',
  'DECEMBER',
];

/** Says exactly these dates and no other in few rules: whole months and equal years share one. @param epochDays ascending */
export function dateRules(epochDays: readonly number[]): readonly DateRule[] {
  const months = joinMonths(byMonth(epochDays).map(monthRule));
  const years = new Map<string, { rule: MonthRule; years: number[] }>();
  for (const rule of months) {
    const key = JSON.stringify([rule.first, rule.last, rule.days, rule.weekdays]);
    const same = years.get(key) ?? { rule, years: [] };
    same.years.push(rule.year);
    years.set(key, same);
  }
  return [...years.values()].flatMap((same) =>
    runsOf(same.years).map((year) => ({
      year,
      ...monthsOf(same.rule),
      ...(same.rule.days === null ? {} : { days: same.rule.days }),
      ...(same.rule.weekdays === null ? {} : { weekdays: same.rule.weekdays }),
    })),
  );
}

function monthsOf({ first, last }: MonthRule): Pick<DateRule, 'months'> {
  const [start, end] = [MONTHS[first], MONTHS[last]];
  if (start === undefined || end === undefined || (first === 0 && last === 11)) return {};
  return { months: { start, end, step: 1 } };
}

function byMonth(epochDays: readonly number[]): readonly (readonly Date[])[] {
  const months = new Map<string, Date[]>();
  for (const day of epochDays) {
    const date = new Date(day * DAY_MS);
    const month = date.toISOString().slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), date]);
  }
  return [...months.values()];
}

/** Runs of days, or, where there are gaps, the weekdays of a run, if those are what is meant. */
function monthRule(dates: readonly Date[]): MonthRule {
  const [first = new Date(0)] = dates;
  const [year, month] = [first.getUTCFullYear(), first.getUTCMonth()];
  const days = dates.map((date) => date.getUTCDate());
  const runs = runsOf(days);
  const inMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const [from = 1, to = 31] = [days[0], days.at(-1)];
  const rule = { year, first: month, last: month };
  const ranged = runs.map(({ start, end }) => ({ start, end, step: 1 }));
  if (runs.length === 1)
    return { ...rule, days: from === 1 && to === inMonth ? null : ranged, weekdays: null };
  const weekdays = [...new Set(dates.map((date) => date.getUTCDay()))].sort((one, other) => one - other);
  const meant = (start: number, end: number): boolean =>
    Array.from({ length: end - start + 1 }, (_, at) => start + at)
      .filter((day) => weekdays.includes(new Date(Date.UTC(year, month, day)).getUTCDay()))
      .join() === days.join();
  if (meant(1, inMonth)) return { ...rule, days: null, weekdays };
  if (meant(from, to)) return { ...rule, days: [{ start: from, end: to, step: 1 }], weekdays };
  return { ...rule, days: ranged, weekdays: null };
}

/** Whole months of one year that follow each other and are of the same weekdays are one. */
function joinMonths(rules: readonly MonthRule[]): readonly MonthRule[] {
  const joined: MonthRule[] = [];
  for (const rule of rules) {
    const last = joined.at(-1);
    const joins =
      last !== undefined &&
      last.year === rule.year &&
      last.last + 1 === rule.first &&
      last.days === null &&
      rule.days === null &&
      String(last.weekdays) === String(rule.weekdays);
    if (joins) joined[joined.length - 1] = { ...last, last: rule.last };
    else joined.push(rule);
  }
  return joined;
}

/** `[8, 9, 10, 14]` as its runs. @param numbers ascending */
export function runsOf(numbers: readonly number[]): readonly { start: number; end: number }[] {
  const runs: { start: number; end: number }[] = [];
  for (const one of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && one <= last.end + 1) last.end = one;
    else runs.push({ start: one, end: one });
  }
  return runs;
}

const DAYS: readonly DayOfWeek[] = [
  'SUNDAY',
  'MONDAY',
  'TUESDAY',
  'WEDNESDAY',
  'THURSDAY',
  'FRIDAY',
  'SATURDAY',
];

/** The number of a weekday as dates have it: Sunday is 0. */
export const dayNumbers = (names: readonly DayOfWeek[]): readonly number[] =>
  names.map((name) => DAYS.indexOf(name));

/** The other way round. */
export const dayNames = (weekdays: readonly number[]): DayOfWeek[] =>
  weekdays.flatMap((day) => DAYS[day] ?? []);
