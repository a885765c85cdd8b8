import { ScheduleNotFoundError, type Client, type ScheduleDescription } from '@temporalio/client';
import type { Model } from '../models/model.ts';
import { compareSchedule } from './schedules/compare.ts';
import { compileSchedule, type CompiledSchedule } from './schedules/options.ts';
import type { WeirSchedule } from './schedules/schedule.ts';

export type { WeirSchedule } from './schedules/schedule.ts';

/** Minutes after the slot at which files of the hour have been delivered. */
const DELIVERY_MINUTE = 5;

/** Seconds into a minute at which it is loaded: what was delivered until its end is whole by then. */
const MINUTE_SECOND = 5;

/** The schedules every installation runs by. */
export const SCHEDULES: readonly WeirSchedule[] = [
  {
    scheduleId: 'hourly-incremental-load',
    workflowType: 'hourlyIncrementalLoad',
    minute: DELIVERY_MINUTE,
    note: 'Every hour, five minutes past: land and publish what arrived.',
  },
  {
    scheduleId: 'daily-dimension-refresh',
    workflowType: 'dailyDimensionRefresh',
    minute: 30,
    hour: 2,
    note: 'Every day at 02:30 UTC: make the dimensions what the operational systems say now.',
  },
  {
    scheduleId: 'housekeeping',
    workflowType: 'housekeeping',
    minute: 15,
    hour: 4,
    note: 'Every day at 04:15 UTC: make the next partitions, take what was kept for long enough.',
  },
];

/**
 * The one that there is only where a model says `schedule: minute`. An outage is not caught up minute by minute: the next
 * run reads what all of them would have.
 */
export const MINUTE_SCHEDULE: WeirSchedule = {
  scheduleId: 'minute-incremental-load',
  workflowType: 'minuteIncrementalLoad',
  second: MINUTE_SECOND,
  catchUpMs: 60_000,
  note: 'Every minute, five seconds past: land and publish what arrived, for models that say schedule: minute.',
};

/** All that Weir knows, whether an installation needs them or not. */
export const ALL_SCHEDULES: readonly WeirSchedule[] = [...SCHEDULES, MINUTE_SCHEDULE];

/** The schedules that an installation with these models runs by. */
export function schedulesOf(models: readonly Pick<Model, 'kind' | 'schedule'>[]): readonly WeirSchedule[] {
  const ofMinute = models.some(({ kind, schedule }) => kind !== 'view' && schedule === 'minute');
  return ofMinute ? ALL_SCHEDULES : SCHEDULES;
}

/** Where schedules are and what they are compared with. */
export interface ScheduleOrder {
  readonly taskQueue: string;
  /** Those that are to be there: `schedulesOf` the models; those of every installation when left out. */
  readonly schedules?: readonly WeirSchedule[];
  /** Local times are worked out for the years around it; now when left out. */
  readonly now?: Date;
}

/** How one schedule of the server compares with the code. */
export interface ScheduleDrift {
  readonly scheduleId: string;
  /**
   * `unknown`: the server has it, starts runs on our task queue by it, and the code does not know it. `unneeded`: the code
   * does, and no model says its schedule any more. One that is paused is neither.
   */
  readonly state: 'same' | 'differs' | 'missing' | 'unknown' | 'unneeded';
  /** What the server had that the code has not, and the other way round. */
  readonly drift: readonly string[];
}

/** What `applySchedules` did or found about one schedule. */
export interface ScheduleChange {
  readonly scheduleId: string;
  readonly change: 'created' | 'updated' | 'unchanged' | 'unknown' | 'unneeded';
  readonly drift: readonly string[];
}

/** Compares the server's schedules with the code: times, input, policies and all else, and those that the code does not know. */
export async function diffSchedules(client: Client, order: ScheduleOrder): Promise<readonly ScheduleDrift[]> {
  const { schedules = SCHEDULES } = order;
  const known = await Promise.all(
    schedules.map(async (schedule): Promise<ScheduleDrift> => {
      const { scheduleId } = schedule;
      const found = await describeSchedule(client, scheduleId);
      if (found === null) return { scheduleId, state: 'missing', drift: ['the server does not have it'] };
      const drift = scheduleDrift(found, schedule, order);
      return { scheduleId, state: drift.length === 0 ? 'same' : 'differs', drift };
    }),
  );
  return [...known, ...(await unknownSchedules(client, schedules, order.taskQueue))];
}

/**
 * Makes the server's schedules what the code says, and tells what differed. Whether one is paused is left alone: that is
 * an operator's decision. One that the code does not know is told of and left: somebody made it.
 */
export async function applySchedules(
  client: Client,
  { paused, ...order }: ScheduleOrder & { readonly paused: boolean },
): Promise<ScheduleChange[]> {
  const { schedules = SCHEDULES, taskQueue, now = new Date() } = order;
  const changes: ScheduleChange[] = [];
  for (const { scheduleId, state, drift } of await diffSchedules(client, order)) {
    const schedule = schedules.find((one) => one.scheduleId === scheduleId);
    if (schedule === undefined || state === 'same') {
      changes.push({
        scheduleId,
        change: state === 'unknown' || state === 'unneeded' ? state : 'unchanged',
        drift,
      });
      continue;
    }
    const { options } = compileSchedule(schedule, taskQueue, firstYear(now));
    if (state === 'missing')
      await client.schedule.create({ ...options, state: { paused, note: schedule.note } });
    else
      await client.schedule.getHandle(scheduleId).update(({ state: { paused: was, note } }) => ({
        ...options,
        state: { paused: was, ...(note === undefined ? {} : { note }) },
      }));
    changes.push(
      state === 'missing'
        ? { scheduleId, change: 'created', drift: [] }
        : { scheduleId, change: 'updated', drift },
    );
  }
  return changes;
}

/** What the server says of a schedule; null where it has none of that id. */
export async function describeSchedule(
  client: Client,
  scheduleId: string,
): Promise<ScheduleDescription | null> {
  try {
    return await client.schedule.getHandle(scheduleId).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

/** Last year's local times are kept, so that a backfill from the Schedules page finds them. */
function firstYear(now: Date): number {
  return now.getUTCFullYear() - 1;
}

/**
 * Local times that were worked out some years ago are no drift until the last of their years has begun. Then they are to
 * be renewed.
 */
function scheduleDrift(
  found: ScheduleDescription,
  schedule: WeirSchedule,
  { taskQueue, now = new Date() }: ScheduleOrder,
): readonly string[] {
  const first = firstYear(now);
  const compiled = compileSchedule(schedule, taskQueue, first);
  const drift = compareSchedule(found, compiled.options);
  if (drift.length === 0 || compiled.lastYear === null) return drift;
  for (const year of [first - 1, first - 2, first - 3]) {
    const earlier = compileSchedule(schedule, taskQueue, year);
    const rest = compareSchedule(found, earlier.options);
    if (!rest.some((line) => line.startsWith('times: '))) return [...renewal(earlier, now), ...rest];
  }
  return drift;
}

function renewal({ lastYear }: CompiledSchedule, now: Date): readonly string[] {
  if (lastYear === null || lastYear > now.getUTCFullYear()) return [];
  return [
    `local times: worked out until the end of ${lastYear}, and after it an hour off for half the year; to be renewed`,
  ];
}

const UNNEEDED =
  'no model says its schedule any more, so its runs load nothing: `weir schedules pause minute` stops them, and the Schedules page deletes it';

async function unknownSchedules(
  client: Client,
  schedules: readonly WeirSchedule[],
  taskQueue: string,
): Promise<readonly ScheduleDrift[]> {
  const unknown: ScheduleDrift[] = [];
  for await (const { scheduleId } of client.schedule.list()) {
    if (schedules.some((one) => one.scheduleId === scheduleId)) continue;
    const found = await describeSchedule(client, scheduleId);
    if (found === null || found.action.taskQueue !== taskQueue) continue;
    if (ALL_SCHEDULES.some((one) => one.scheduleId === scheduleId)) {
      if (!found.state.paused) unknown.push({ scheduleId, state: 'unneeded', drift: [UNNEEDED] });
      continue;
    }
    const drift = [`starts ${found.action.workflowType} and is not in the code: add it there, or delete it`];
    unknown.push({ scheduleId, state: 'unknown', drift });
  }
  return unknown;
}
