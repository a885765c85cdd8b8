/**
 * A point in time, in microseconds since 1970 UTC. Postgres keeps microseconds, and whole numbers of them are exact
 * in a double until the year 2255.
 */
export interface Instant {
  readonly kind: 'instant';
  readonly micros: number;
}

const MICROS_A_DAY = 86_400_000_000;
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/**
 * Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
 *
 * @see https://howardhinnant.github.io/date_algorithms.html#days_from_civil
 */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear -
    719_468
  );
}

/** The inverse of {@link daysFromCivil}. */
function civilFromDays(days: number): readonly [year: number, month: number, day: number] {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  return [
    yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  ];
}

/** An instant of its UTC parts, or null when there is no such date or time. */
export function instantOf(parts: {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
  readonly microsecond?: number;
}): Instant | null {
  const { year, month, day, hour = 0, minute = 0, second = 0, microsecond = 0 } = parts;
  if (![year, month, day, hour, minute, second, microsecond].every(Number.isInteger)) return null;
  const days = daysFromCivil(year, month, day);
  const [y, m, d] = civilFromDays(days);
  if (y !== year || m !== month || d !== day || year < 1 || year > 9999) return null;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return null;
  if (microsecond < 0 || microsecond > 999_999) return null;
  return {
    kind: 'instant',
    micros: days * MICROS_A_DAY + ((hour * 60 + minute) * 60 + second) * 1_000_000 + microsecond,
  };
}

/** Reads an ISO 8601 date or time; one without a zone is UTC. Null for every other text. */
export function parseInstant(text: string): Instant | null {
  const match = ISO.exec(text.trim());
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  if (year === undefined || month === undefined || day === undefined) return null;
  const microsecond = Number((match[7] ?? '').padEnd(6, '0'));
  const instant = instantOf({
    year,
    month,
    day,
    hour: hour ?? 0,
    minute: minute ?? 0,
    second: second ?? 0,
    microsecond,
  });
  if (instant === null) return null;
  const zone = /^([+-])(\d{2}):?(\d{2})?$/.exec(match[8] ?? '');
  if (zone === null) return instant;
  const offsetMinutes = Number(zone[2]) * 60 + Number(zone[3] ?? 0);
  return {
    kind: 'instant',
    micros: instant.micros - (zone[1] === '-' ? -1 : 1) * offsetMinutes * 60_000_000,
  };
}

/** ISO 8601 in UTC, as Great Expectations writes an aware time: `2017-01-01T09:55:00+00:00`. */
export function formatInstant(instant: Instant): string {
  const days = Math.floor(instant.micros / MICROS_A_DAY);
  const micros = instant.micros - days * MICROS_A_DAY;
  const [year, month, day] = civilFromDays(days);
  const seconds = Math.floor(micros / 1_000_000);
  const pad = (value: number, width: number): string => String(value).padStart(width, '0');
  const fraction = micros % 1_000_000 === 0 ? '' : `.${pad(micros % 1_000_000, 6)}`;
  const time = `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`;
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${time}${fraction}+00:00`;
}
