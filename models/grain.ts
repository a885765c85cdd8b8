import type { Schedule } from './model.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What the data intervals of a pipeline are long, in milliseconds. They begin at whole grains since the epoch, UTC. */
export const GRAIN_MS: Readonly<Record<Schedule, number>> = {
  minute: MINUTE_MS,
  hourly: HOUR_MS,
  daily: 24 * HOUR_MS,
};

/**
 * What the intervals of a backfill are long, in milliseconds. A run a minute of the past would be 1,440 a day, each with
 * its plan and its gates: a pipeline of a minute is filled by hours.
 */
export const BACKFILL_GRAIN_MS: Readonly<Record<Schedule, number>> = { ...GRAIN_MS, minute: HOUR_MS };

/** The workflow types that load: names of Temporal's, which histories and schedules know. */
export const WORKFLOW_OF = {
  minute: 'minuteIncrementalLoad',
  hourly: 'hourlyIncrementalLoad',
  daily: 'dailyDimensionRefresh',
} as const satisfies Readonly<Record<Schedule, string>>;
