import {
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
  type ScheduleOptions,
} from '@temporalio/client';

/** A schedule as code. Specs are UTC: a local-time one would skip or double a slot when clocks change. */
export interface WeirSchedule {
  readonly scheduleId: string;
  readonly workflowType: string;
  readonly minute: number;
  /** Undefined: every hour. */
  readonly hour?: number;
  readonly note: string;
}

/** Minutes after the slot at which files of the hour have been delivered. */
const DELIVERY_MINUTE = 5;

/** How long an outage is caught up for: older hours come with the next window anyway. */
const CATCH_UP_MS = 12 * 60 * 60 * 1000;

/** The schedules Weir runs by. */
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

/** What `applySchedules` did or found about one schedule. */
export interface ScheduleChange {
  readonly scheduleId: string;
  readonly change: 'created' | 'updated' | 'unchanged';
  /** What the server had that the code has not, and the other way round. */
  readonly drift: readonly string[];
}

/**
 * Makes the server's schedules what the code says, and tells what differed. Whether one is paused is left alone:
 * that is an operator's decision.
 *
 * Overlap is ALLOW_ALL because any other policy silently drops a triggered or backfilled run; order is kept for each
 * model by its lease.
 */
export async function applySchedules(
  client: Client,
  { taskQueue, paused }: { readonly taskQueue: string; readonly paused: boolean },
): Promise<ScheduleChange[]> {
  const changes: ScheduleChange[] = [];
  for (const schedule of SCHEDULES) changes.push(await applySchedule(client, schedule, taskQueue, paused));
  return changes;
}

async function applySchedule(
  client: Client,
  schedule: WeirSchedule,
  taskQueue: string,
  paused: boolean,
): Promise<ScheduleChange> {
  const { scheduleId } = schedule;
  const wanted = scheduleOptions(schedule, taskQueue);
  const handle = client.schedule.getHandle(scheduleId);
  const found = await handle.describe().catch((error: unknown) => {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  });
  if (!found) {
    await client.schedule.create({ ...wanted, state: { paused, note: schedule.note } });
    return { scheduleId, change: 'created', drift: [] };
  }
  const drift = scheduleDrift(found, schedule, taskQueue);
  if (drift.length === 0) return { scheduleId, change: 'unchanged', drift };
  await handle.update((previous) => ({ ...wanted, state: previous.state }));
  return { scheduleId, change: 'updated', drift };
}

function scheduleOptions(
  { scheduleId, workflowType, minute, hour }: WeirSchedule,
  taskQueue: string,
): ScheduleOptions {
  return {
    scheduleId,
    spec: { calendars: [{ minute, hour: hour ?? '*', comment: 'UTC' }], timezone: 'UTC' },
    action: { type: 'startWorkflow', workflowType, taskQueue, workflowId: scheduleId, args: [{}] },
    policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow: CATCH_UP_MS, pauseOnFailure: false },
  };
}

function scheduleDrift(found: ScheduleDescription, wanted: WeirSchedule, taskQueue: string): string[] {
  const calendar = found.spec.calendars?.[0];
  const minute = calendar?.minute?.[0]?.start;
  const hours = calendar?.hour?.map(({ start, end }) => `${start}-${end}`).join(',');
  const wantedHours = wanted.hour === undefined ? '0-23' : `${wanted.hour}-${wanted.hour}`;
  const compared: readonly (readonly [string, unknown, unknown])[] = [
    ['minute', minute, wanted.minute],
    ['hours', hours, wantedHours],
    ['workflow type', found.action.workflowType, wanted.workflowType],
    ['task queue', found.action.taskQueue, taskQueue],
    ['overlap', found.policies.overlap, ScheduleOverlapPolicy.ALLOW_ALL],
    ['catch-up', `${found.policies.catchupWindow / 1000} s`, `${CATCH_UP_MS / 1000} s`],
  ];
  return compared
    .filter(([, had, want]) => had !== want)
    .map(([what, had, want]) => `${what}: server has ${String(had)}, code says ${String(want)}`);
}
