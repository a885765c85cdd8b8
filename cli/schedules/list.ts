import type { ScheduleDescription } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { defineCommand } from 'citty';
import type { WeirSchedule } from '../../workers/schedules/schedule.ts';
import { ALL_SCHEDULES, describeSchedule } from '../../workers/schedules.ts';
import { answer } from '../answer.ts';
import { withConnections, type Connections } from '../connect.ts';
import { exitCodes, exitsWith, type ExitCode } from '../exit-codes.ts';
import { linkTo } from '../runs/link.ts';
import { missedLines, NOTHING_MISSED, readMissed, type Missed } from './missed.ts';
import { wantedSchedules } from './wanted-schedules.ts';

/** A schedule as the server has it, and what it has done. */
interface Listed {
  readonly scheduleId: string;
  /** Whether a model runs by it; the schedule of a minute is not needed where no model says so. */
  readonly needed: boolean;
  readonly onServer: boolean;
  readonly paused: boolean;
  /** Why it is paused, or what it does. */
  readonly note: string | null;
  /** ISO 8601, UTC, with jitter; null of one that is paused or not there. */
  readonly nextRun: string | null;
  readonly lastRun: LastRun | null;
  readonly missed: Missed;
  /** Triggers and backfills that another overlap policy than Allow All has dropped. */
  readonly actionsSkipped: number;
  /** Slots that an outage longer than the catch-up window has dropped. */
  readonly actionsMissed: number;
}

interface LastRun {
  readonly workflowId: string;
  readonly startedAt: string;
  /** `COMPLETED`, `RUNNING`, …; null where the server has forgotten it. */
  readonly outcome: string | null;
  readonly link: string;
}

/** `weir schedules list`. */
export default defineCommand({
  meta: {
    name: 'list',
    description:
      'Say of each schedule: its next run, the last one and how it ended, whether it is paused and why, and the slots that nobody ran, with the command that runs them. Example: weir schedules list Exit codes: 0 nothing was missed, 2 slots were missed or a schedule is not on the server, 3 could not run.',
  },
  args: { json: { type: 'boolean', description: 'print as JSON' } },
  run: exitsWith(
    async ({ args }): Promise<ExitCode> =>
      await withConnections(async (connections) => {
        const wanted = await wantedSchedules();
        const all = await Promise.all(
          ALL_SCHEDULES.map((schedule) => listSchedule(connections, schedule, wanted)),
        );
        const listed = all.filter(({ onServer, needed }) => onServer || needed);
        answer(args.json, listed, () => listed.map(listedText).join(''));
        const fine = listed.every(({ onServer, missed }) => onServer && missed.slots === 0);
        return fine ? exitCodes.done : exitCodes.warned;
      }),
  ),
});

async function listSchedule(
  connections: Connections,
  schedule: WeirSchedule,
  wanted: readonly WeirSchedule[],
): Promise<Listed> {
  const { scheduleId } = schedule;
  const found = await describeSchedule(connections.client, scheduleId);
  const { info, state } = found ?? {};
  return {
    scheduleId,
    needed: wanted.includes(schedule),
    onServer: found !== null,
    paused: state?.paused ?? false,
    note: state?.note ?? null,
    nextRun: state?.paused === false ? (info?.nextActionTimes[0]?.toISOString() ?? null) : null,
    lastRun: found === null ? null : await lastRun(connections, found),
    missed: found === null ? NOTHING_MISSED : await readMissed(connections, schedule),
    actionsSkipped: info?.numActionsSkippedOverlap ?? 0,
    actionsMissed: info?.numActionsMissedCatchupWindow ?? 0,
  };
}

async function lastRun(
  { client, settings, namespace }: Connections,
  { info }: ScheduleDescription,
): Promise<LastRun | null> {
  const last = info.recentActions.at(-1);
  if (last === undefined) return null;
  const { workflowId } = last.action.workflow;
  return {
    workflowId,
    startedAt: last.takenAt.toISOString(),
    outcome: await outcomeOf(client, workflowId),
    link: linkTo(settings, namespace)(workflowId),
  };
}

async function outcomeOf(client: Connections['client'], workflowId: string): Promise<string | null> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

function listedText(listed: Listed): string {
  const { scheduleId, onServer, paused, note, nextRun, actionsSkipped, actionsMissed } = listed;
  if (!onServer) return `${scheduleId} · is not on the server: weir schedules apply makes it\n`;
  const schedule = ALL_SCHEDULES.find((one) => one.scheduleId === scheduleId);
  const next = paused ? `PAUSED: ${note ?? 'no reason given'}` : `next ${nextRun ?? 'never'}`;
  const lines = [
    ...(listed.needed || paused
      ? []
      : ['no model says its schedule any more: weir schedules diff says what to do']),
    ...(schedule === undefined ? [] : missedLines(listed.missed, schedule)),
    ...(actionsSkipped > 0
      ? [
          `dropped ${actionsSkipped} in all, triggered or backfilled with another overlap policy than Allow All`,
        ]
      : []),
    ...(actionsMissed > 0
      ? [`dropped ${actionsMissed} in all that were too old to catch up after an outage`]
      : []),
  ];
  return [`${scheduleId} · ${next} · ${lastText(listed.lastRun)}`, ...lines.map((line) => `  ${line}`)]
    .map((line) => `${line}\n`)
    .join('');
}

function lastText(last: LastRun | null): string {
  return last === null
    ? 'has not run yet'
    : `last ${last.startedAt} ${last.outcome?.toLowerCase() ?? 'forgotten'}, ${last.workflowId}`;
}
