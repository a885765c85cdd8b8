import type { Client, ScheduleDescription } from '@temporalio/client';
import type { ScheduleSight } from '../../activities/watch/missed-schedules.ts';
import { describeSchedule } from '../schedules.ts';
import { scheduleBook } from './book.ts';
import { namedTimes, scheduleOffsets } from './named-times.ts';
import type { WeirSchedule } from './schedule.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How late a run may begin before its schedule is said to have missed it, and how far back the time before is looked for. */
const PATIENCE = {
  everyMinute: { graceMs: 3 * MINUTE_MS, backMs: HOUR_MS },
  everyHour: { graceMs: 10 * MINUTE_MS, backMs: 3 * HOUR_MS },
  // Some days of a week may be left out.
  rarer: { graceMs: 30 * MINUTE_MS, backMs: 8 * DAY_MS },
} as const;

/** What the server says of the schedules that an installation should have. */
export async function scheduleSights(
  client: Client,
  schedules: readonly WeirSchedule[],
  taskQueue: string,
  now: Date = new Date(),
): Promise<readonly ScheduleSight[]> {
  return await Promise.all(
    schedules.map(async (schedule): Promise<ScheduleSight> => {
      const { scheduleId, workflowType } = schedule;
      const found = await describeSchedule(client, scheduleId);
      const lastDue = lastDueOf(schedule, now);
      const due = lastDue === null ? null : `${lastDue.toISOString().slice(0, 19)}Z`;
      const ours = found?.action.taskQueue === taskQueue ? found : null;
      return {
        scheduleId,
        workflowType,
        isThere: ours !== null,
        paused: ours?.state.paused === true ? (ours.state.note ?? 'no reason given') : null,
        changedAt: ours === null ? null : (ours.info.lastUpdatedAt ?? ours.info.createdAt),
        lastDue: due,
        hasRun: ours !== null && lastDue !== null && (await hasRun(client, ours, lastDue, due)),
        missedCatchUp: ours?.info.numActionsMissedCatchupWindow ?? 0,
        skippedOverlap: ours?.info.numActionsSkippedOverlap ?? 0,
      };
    }),
  );
}

/** The last time that a schedule names and whose run has to have begun by now, whatever its jitter. */
export function lastDueOf(schedule: WeirSchedule, now: Date): Date | null {
  const { graceMs, backMs } = patienceOf(schedule);
  const until = now.getTime() - graceMs - (schedule.jitterMs ?? 0);
  const from = until - backMs;
  const last = namedTimes(schedule, scheduleOffsets(schedule, from, until), from, until).at(-1);
  return last === undefined ? null : new Date(last);
}

function patienceOf({ minute, hour, daysOfWeek }: WeirSchedule) {
  if (hour !== undefined || daysOfWeek !== undefined) return PATIENCE.rarer;
  return minute === undefined ? PATIENCE.everyMinute : PATIENCE.everyHour;
}

/** A run of that time or of a later one; a person's trigger is one too. */
async function hasRun(
  client: Client,
  { scheduleId, info }: ScheduleDescription,
  lastDue: Date,
  due: string | null,
): Promise<boolean> {
  if (info.recentActions.some(({ scheduledAt }) => scheduledAt >= lastDue)) return true;
  return await scheduleBook(client, []).hasRun(`${scheduleId}-${due}`);
}
