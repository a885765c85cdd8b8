import { ScheduleOverlapPolicy } from '@temporalio/client';
import { defineCommand } from 'citty';
import { until } from '../../infra/local/until.ts';
import { answer } from '../answer.ts';
import { withConnections, type Connections } from '../connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from '../exit-codes.ts';
import { linkTo } from '../runs/link.ts';
import { findSchedule, nameArg, onServer } from './find-schedule.ts';

/** `weir schedules trigger`. */
export default defineCommand({
  meta: {
    name: 'trigger',
    description:
      'Start a run by a schedule now, beside whatever goes on, paused or not: it is about the last whole slot. Prints where to watch it. Example: weir schedules trigger hourly Exit codes: 0 started, 3 could not run.',
  },
  args: {
    name: nameArg,
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const { scheduleId } = findSchedule(args.name);
    return await withConnections(async ({ client, namespace, settings }) => {
      const workflowId = await trigger(client, scheduleId);
      const link = linkTo(settings, namespace)(workflowId);
      answer(args.json, { scheduleId, workflowId, link }, () => `started ${workflowId}\n${link}\n`);
      return exitCodes.done;
    });
  }),
});

/** @throws Failure (3) where the server does not say within ten seconds that it has started a run. */
async function trigger(client: Connections['client'], scheduleId: string): Promise<string> {
  const { info } = await onServer(client, scheduleId);
  const before = new Set(info.recentActions.map(({ action }) => action.workflow.firstExecutionRunId));
  const handle = client.schedule.getHandle(scheduleId);
  await handle.trigger(ScheduleOverlapPolicy.ALLOW_ALL);
  try {
    return await until(
      async () => {
        const { recentActions } = (await handle.describe()).info;
        return recentActions.findLast(({ action }) => !before.has(action.workflow.firstExecutionRunId))
          ?.action.workflow.workflowId;
      },
      { what: `${scheduleId} has started a run`, timeoutMs: 10_000, everyMs: 200 },
    );
  } catch {
    throw new Failure(
      `${scheduleId} was triggered, and the server does not show a run of it after 10 s. A second trigger within a second of another starts none. Look at: weir schedules list`,
    );
  }
}
