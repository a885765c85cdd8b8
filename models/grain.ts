import type { Schedule } from './model.ts';

const HOUR_MS = 3_600_000;

/** What the data intervals of a pipeline are long, in milliseconds. They begin at whole grains since the epoch, UTC. */
export const GRAIN_MS: Readonly<Record<Schedule, number>> = { hourly: HOUR_MS, daily: 24 * HOUR_MS };
