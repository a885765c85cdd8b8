import type { WeirSchedule } from '../../../workers/schedules/schedule.ts';

/** With changes of an hour, of half of one, at midnight, twice a year around Ramadan, and without any. */
export const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'Pacific/Apia',
  'America/Havana',
  'Africa/Casablanca',
  'Pacific/Auckland',
] as const;

/** What the clocks of a zone show, from Intl alone: `2026-03-08 03:30`. */
export function clock(timeZone: string, at: number): string {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  formats.set(timeZone, format);
  return format.format(at);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** A schedule of a zone's local time. */
export function localSchedule(changes: Partial<WeirSchedule>): WeirSchedule {
  return {
    scheduleId: 'local',
    workflowType: 'dailyDimensionRefresh',
    note: 'A test’s.',
    minute: 30,
    hour: 2,
    ...changes,
  };
}

const MINUTE_MS = 60_000;

/** Whether the clocks show a time of a date at any instant at all; looked for minute by minute around it. */
export function shows(timeZone: string, wall: string): boolean {
  const asUtc = Date.parse(`${wall.replace(' ', 'T')}:00Z`);
  // Offsets are whole quarters of an hour, from 12 hours behind to 14 ahead.
  for (let at = asUtc - 14 * 60 * MINUTE_MS; at <= asUtc + 12 * 60 * MINUTE_MS; at += 15 * MINUTE_MS)
    if (clock(timeZone, at) === wall) return true;
  return false;
}

/** Dates from one up to but not including another, `2026-03-08`. */
export function dates(from: string, to: string): string[] {
  const all: string[] = [];
  for (let day = Date.parse(from); day < Date.parse(to); day += 24 * 60 * MINUTE_MS)
    all.push(new Date(day).toISOString().slice(0, 10));
  return all;
}
