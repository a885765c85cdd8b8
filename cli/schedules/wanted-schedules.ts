import { readGraph } from '../../activities/repository.ts';
import type { WeirSchedule } from '../../workers/schedules/schedule.ts';
import { schedulesOf } from '../../workers/schedules.ts';
import { cliFolders } from '../connect.ts';
import { withFiles } from '../selecting.ts';

/**
 * The schedules that the models of this shell run by.
 *
 * @throws Failure (3) where the models cannot be read: without them nobody knows whether one is on a schedule of a minute.
 */
export async function wantedSchedules(): Promise<readonly WeirSchedule[]> {
  const { models } = await withFiles(() => readGraph(cliFolders()));
  return schedulesOf(models);
}
