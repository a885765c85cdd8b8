import type { Survey } from '../../activities/backfill/survey.ts';
import type { Schedule } from '../../models/model.ts';

/** What the intervals of a pipeline are called. */
export const GRAIN_WORD: Readonly<Record<Schedule, string>> = {
  minute: 'hour',
  hourly: 'hour',
  daily: 'day',
};

/**
 * What the intervals that are left may take, in milliseconds, by what loads of their models took before; null where none
 * has been loaded.
 */
export function expectedMs({
  survey: { durations, intervals, done },
  width,
  again,
}: {
  readonly survey: Pick<Survey, 'durations' | 'intervals' | 'done'>;
  readonly width: number;
  readonly again: boolean;
}): number | null {
  const known = durations.flatMap(({ ms }) => (ms === null ? [] : [ms]));
  if (known.length === 0) return null;
  const all = known.reduce((sum, ms) => sum + ms, 0);
  // Loads of one model follow each other, whatever the width: the slowest model sets the pace.
  const each = Math.max(all / width, ...known);
  return each * (again ? intervals : intervals - done);
}
