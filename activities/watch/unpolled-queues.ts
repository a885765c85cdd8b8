import { clearAlarm, confirmAlarm, openAlarms } from './books.ts';
import { isQueue } from './failing-tasks.ts';
import type { LookDeps } from './look.ts';
import { polledPage, unpolledPage } from './task-pages.ts';

/** The queues of activities: that of workflow tasks is polled, or nobody would be looking. */
const QUEUES = ['load', 'gate', 'page'] as const;

/** A poll lasts a minute at most: whoever has not polled for longer is gone. */
const POLLED_WITHIN_MS = 90_000;

/** `TASK_QUEUE_TYPE_ACTIVITY`. @see https://github.com/temporalio/api/blob/master/temporal/api/enums/v1/task_queue.proto */
const ACTIVITY = 2;

/** Tells of queues with tasks that nobody takes: their runs wait, and nothing fails for two hours. */
export async function lookForUnpolledQueues(deps: LookDeps): Promise<readonly string[]> {
  const { db, taskQueue, pace } = deps;
  const lines: string[] = [];
  for (const part of QUEUES) {
    const queue = `${taskQueue}-${part}`;
    const { polled, waiting } = await describe(deps, queue);
    if (!polled) lines.push(`${queue}: nobody polls, ${waiting ?? 'not known how many'} tasks wait`);
    // An installation may do without gates' workers at night: as long as nothing waits, nobody has to know.
    if (polled || waiting === 0) continue;
    const quietFor = `${Math.round(pace.unpolledMs / 60_000)} minutes`;
    await confirmAlarm(db, { page: unpolledPage(queue, waiting, quietFor), confirmMs: pace.unpolledMs });
  }
  const unpolled = new Set(lines.map((line) => line.slice(0, line.indexOf(':'))));
  for (const { subject } of await openAlarms(db, 'tasksFailing'))
    if (isQueue(deps, subject) && !unpolled.has(subject)) await clearAlarm(db, polledPage(subject));
  return lines.length === 0 ? ['somebody takes the tasks of every queue'] : lines;
}

/** @returns how many tasks wait; null where the server does not say. */
async function describe(
  { client }: LookDeps,
  name: string,
): Promise<{ readonly polled: boolean; readonly waiting: number | null }> {
  const { pollers, stats } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name },
    taskQueueType: ACTIVITY,
    reportStats: true,
  });
  const since = Date.now() - POLLED_WITHIN_MS;
  return {
    polled: (pollers ?? []).some(
      ({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 >= since,
    ),
    waiting: stats ? Number(stats.approximateBacklogCount ?? 0) : null,
  };
}
