import { ScheduleOverlapPolicy, type ScheduleOptions } from '@temporalio/client';
import { compileCalendars } from './calendars.ts';
import { pipelineOf, type WeirSchedule } from './schedule.ts';

/** How long an outage is caught up for: older hours come with the next window anyway. */
const CATCH_UP_MS = 12 * 60 * 60 * 1000;

/** What Temporal is told of a schedule, and until when it knows its zone's changes. */
export interface CompiledSchedule {
  readonly options: ScheduleOptions;
  /** See `Calendars.lastYear`. */
  readonly lastYear: number | null;
}

/**
 * A schedule as Temporal takes it. Overlap is ALLOW_ALL because any other policy silently drops a triggered or
 * backfilled run; order is kept for each model by its lease. The jitter stands in the memo too, because a run has to know
 * how late it may start, and a zone in the input, where people see it.
 *
 * @param firstYear from which local times are worked out; of no matter in UTC
 */
export function compileSchedule(
  schedule: WeirSchedule,
  taskQueue: string,
  firstYear: number,
): CompiledSchedule {
  const { scheduleId, workflowType, jitterMs, timeZone, catchUpMs = CATCH_UP_MS } = schedule;
  const { calendars, lastYear } = compileCalendars(schedule, firstYear);
  const zoned = timeZone !== undefined && pipelineOf(schedule) !== null;
  return {
    lastYear,
    options: {
      scheduleId,
      spec: { calendars, timezone: 'UTC', ...(jitterMs === undefined ? {} : { jitter: jitterMs }) },
      action: {
        type: 'startWorkflow',
        workflowType,
        taskQueue,
        workflowId: scheduleId,
        args: [zoned ? { timeZone } : {}],
        ...(jitterMs === undefined ? {} : { memo: { jitterMs } }),
      },
      policies: {
        overlap: ScheduleOverlapPolicy.ALLOW_ALL,
        catchupWindow: catchUpMs,
        pauseOnFailure: false,
      },
    },
  };
}
