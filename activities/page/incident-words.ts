import type { PageEvent } from '../notifiers/notifier.ts';
import type { Incident } from './incident-row.ts';

/** What the event that resolves an incident says of it. */
export type Ended = Pick<Incident, 'failures' | 'first_failed_at' | 'owner' | 'tier'> & {
  readonly told: Pick<PageEvent, 'class'> | null;
};

/** ` · had failed 24 times in 23 h 5 min`; nothing where no incident is known. */
export function howLong(incident: Ended | null, now: Date): string {
  if (incident === null) return '';
  return ` · had failed ${timesText(incident.failures)} in ${durationText(now.getTime() - incident.first_failed_at.getTime())}`;
}

/** The same as details. */
export function lasted(incident: Ended | null): PageEvent['details'] {
  if (incident === null) return {};
  return { failed: timesText(incident.failures), since: incident.first_failed_at.toISOString() };
}

/** `once`, `24 times`. */
export function timesText(times: number): string {
  return times === 1 ? 'once' : `${times.toLocaleString('en-US')} times`;
}

/** `45 s`, `12 min`, `23 h 5 min`, `3 d 2 h`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
  return `${Math.floor(hours / 24)} d${hours % 24 === 0 ? '' : ` ${hours % 24} h`}`;
}
