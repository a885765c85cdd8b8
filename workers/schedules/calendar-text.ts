import type { CalendarSpec, CalendarSpecDescription } from '@temporalio/client';
import {
  decodeOptionalStructuredCalendarSpecs,
  encodeOptionalStructuredCalendarSpecs,
} from '@temporalio/client/lib/schedule-helpers.js';

/** What stands for "any" in each field of a calendar, and is left out of its text. */
const ANY = {
  year: '',
  month: 'JANUARY-DECEMBER',
  dayOfMonth: '1-31',
  dayOfWeek: 'SUNDAY-SATURDAY',
  hour: '',
  minute: '',
  second: '0',
} as const;

const FIELDS = ['year', 'month', 'dayOfMonth', 'dayOfWeek', 'hour', 'minute', 'second'] as const;

/** A calendar that the server told of, in words that are the same for the same times: `hour 2 minute 30`. */
export function calendarText(calendar: CalendarSpecDescription): string {
  return FIELDS.map((field) => ({ field, text: rangesText(calendar[field]) }))
    .filter(({ field, text }) => text !== ANY[field])
    .map(({ field, text }) => `${field} ${text}`)
    .join(' ');
}

/** The same of calendars in the code, as the server would tell them. */
export function calendarTexts(calendars: CalendarSpec[] | undefined): readonly string[] {
  return decodeOptionalStructuredCalendarSpecs(encodeOptionalStructuredCalendarSpecs(calendars)).map(
    calendarText,
  );
}

interface AnyRange {
  readonly start: number | string;
  readonly end: number | string;
  readonly step: number;
}

function rangesText(ranges: readonly AnyRange[]): string {
  return ranges
    .map(({ start, end, step }) => {
      const range = start === end ? `${start}` : `${start}-${end}`;
      return step === 1 ? range : `${range}/${step}`;
    })
    .join(',');
}
