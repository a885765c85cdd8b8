import type { Client } from '@temporalio/client';
import type { Schedule } from '../../models/model.ts';
import { AVAILABILITY } from './objectives.ts';

/** Nobody's minute is lost to a Temporal that does not answer. */
const ASKED_MS = 3_000;

/** Whether the schedules of pipelines are paused; left out where the server does not have one or does not answer. */
export async function pausedSchedules(
  { schedule }: Pick<Client, 'schedule'>,
  pipelines: readonly Schedule[],
): Promise<ReadonlyMap<Schedule, boolean>> {
  const paused = new Map<Schedule, boolean>();
  for (const pipeline of pipelines) {
    const handle = schedule.getHandle(AVAILABILITY[pipeline].scheduleId);
    const found = await schedule
      .withDeadline(Date.now() + ASKED_MS, () => handle.describe())
      .catch(() => null);
    if (found !== null) paused.set(pipeline, found.state.paused);
  }
  return paused;
}
