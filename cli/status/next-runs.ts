import { ScheduleNotFoundError, type Client } from '@temporalio/client';
import type { WeirSchedule } from '../../workers/schedules/schedule.ts';

/** When a schedule starts its next run. */
export interface NextRun {
  readonly scheduleId: string;
  /** `apply` has not been run: nothing starts by itself. */
  readonly missing: boolean;
  readonly paused: boolean;
  /** ISO 8601, UTC; null where it is paused or missing. */
  readonly at: string | null;
}

/** Reads the next run of each schedule that begins with a prefix. @param prefix `hourly-`, or empty for all. */
export async function readNextRuns(
  client: Client,
  schedules: readonly WeirSchedule[],
  prefix: string,
): Promise<readonly NextRun[]> {
  const ids = schedules.map(({ scheduleId }) => scheduleId).filter((id) => id.startsWith(prefix));
  return await Promise.all(ids.map((id) => readNextRun(client, id)));
}

async function readNextRun(client: Client, scheduleId: string): Promise<NextRun> {
  try {
    const { state, info } = await client.schedule.getHandle(scheduleId).describe();
    const at = state.paused ? null : (info.nextActionTimes[0]?.toISOString() ?? null);
    return { scheduleId, missing: false, paused: state.paused, at };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return { scheduleId, missing: true, paused: false, at: null };
    throw error;
  }
}
