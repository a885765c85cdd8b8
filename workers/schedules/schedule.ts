import type { DayOfWeek } from '@temporalio/client';
import { GRAIN_MS, WORKFLOW_OF } from '../../models/grain.ts';
import type { Schedule } from '../../models/model.ts';
import { dayNumbers } from './date-rules.ts';

/** A schedule as code: a minute, or each minute, of some hours of some days, in UTC or in a zone's local time. */
export interface WeirSchedule {
  readonly scheduleId: string;
  readonly workflowType: string;
  /** What it is for, as people read it on the Schedules page. */
  readonly note: string;
  /** Left out: every minute, in UTC. */
  readonly minute?: number;
  /** Of each of those minutes; left out: 0. */
  readonly second?: number;
  /** Of a day, 0 to 23; left out: every hour. */
  readonly hour?: number | readonly number[];
  /** Left out: every day. */
  readonly daysOfWeek?: readonly DayOfWeek[];
  /**
   * The zone of minute, hour and days, as the IANA database names it. Each of its local times runs once: one that comes
   * twice at its first, one that does not come as much later as the gap is long. Left out: UTC.
   */
  readonly timeZone?: string;
  /** The most that a start is put off by, so that not everything starts at once; milliseconds. */
  readonly jitterMs?: number;
  /** How long an outage is caught up for, milliseconds; left out: half a day. */
  readonly catchUpMs?: number;
}

/** The pipelines that workflow types are; other types have no slots that are loaded. */
const PIPELINES: ReadonlyMap<string, { readonly pipeline: Schedule; readonly grainMs: number }> = new Map(
  (['minute', 'hourly', 'daily'] as const).map((pipeline) => [
    WORKFLOW_OF[pipeline],
    { pipeline, grainMs: GRAIN_MS[pipeline] },
  ]),
);

/** The pipeline that a schedule runs, and the grain of its slots; null of housekeeping. */
export function pipelineOf({ workflowType }: Pick<WeirSchedule, 'workflowType'>) {
  return PIPELINES.get(workflowType) ?? null;
}

/** The hours of a day that a schedule names. */
export function hoursOf({ hour }: WeirSchedule): readonly number[] {
  if (hour === undefined) return Array.from({ length: 24 }, (_, at) => at);
  return typeof hour === 'number' ? [hour] : hour;
}

/** The minutes of an hour that a schedule names. */
export function minutesOf({ minute }: WeirSchedule): readonly number[] {
  return minute === undefined ? Array.from({ length: 60 }, (_, at) => at) : [minute];
}

/** The days of a week that a schedule names, Sunday is 0. */
export function weekdaysOf({ daysOfWeek }: WeirSchedule): readonly number[] {
  return daysOfWeek === undefined ? [0, 1, 2, 3, 4, 5, 6] : dayNumbers(daysOfWeek);
}
