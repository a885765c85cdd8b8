import type { ScheduleDescription } from '@temporalio/client';
import { nearMiss } from '../../expectations/suggestion.ts';
import { pipelineOf, type WeirSchedule } from '../../workers/schedules/schedule.ts';
import { describeSchedule, ALL_SCHEDULES } from '../../workers/schedules.ts';
import type { Connections } from '../connect.ts';
import { Failure } from '../exit-codes.ts';

/** A schedule of the code by its name, or by that of its pipeline: `hourly`. @throws Failure (3) for any other name. */
export function findSchedule(name: string): WeirSchedule {
  const found = ALL_SCHEDULES.find((one) => one.scheduleId === name || pipelineOf(one)?.pipeline === name);
  if (found !== undefined) return found;
  const names = ALL_SCHEDULES.map(({ scheduleId }) => scheduleId);
  throw new Failure(
    `there is no schedule ${name}; there are ${names.join(', ')}. ${nearMiss(name, names)}`.trim(),
  );
}

/** What the server says of it. @throws Failure (3) where it does not have it yet. */
export async function onServer(
  client: Connections['client'],
  scheduleId: string,
): Promise<ScheduleDescription> {
  const found = await describeSchedule(client, scheduleId);
  if (found !== null) return found;
  throw new Failure(`the server does not have the schedule ${scheduleId} yet: weir schedules apply makes it`);
}

/** The words of every verb that takes one. */
export const nameArg = {
  type: 'positional',
  required: true,
  description: 'which schedule, or its pipeline: hourly',
} as const;
