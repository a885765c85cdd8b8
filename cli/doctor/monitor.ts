import { describeMonitor, MONITOR_ID } from '../../workers/monitor.ts';
import { broken, ok, PATIENCE_MS, skipped, type Check } from './check.ts';

/** At this attempt of its workflow task it stands still. */
const STUCK_FROM_ATTEMPT = 3;

/** Its next round is a minute away, and a busy worker takes a task within seconds. */
const PATIENT_MS = 120_000;

/** For how long a workflow task has waited, milliseconds; 0 where none does. */
export function waitedMs(
  scheduled: { readonly seconds?: { toString(): string } | null } | null | undefined,
  now: number,
): number {
  return scheduled?.seconds ? now - Number(scheduled.seconds.toString()) * 1000 : 0;
}

/** Whether somebody watches objectives and what fails without saying so. */
export const monitor: Check = {
  name: 'monitor',
  run: async ({ temporal, taskQueue }) => {
    if (temporal === null) return skipped('Temporal');
    const { client } = temporal;
    const found = await client.withDeadline(Date.now() + PATIENCE_MS, () => describeMonitor(client));
    const start =
      'a worker starts it within a minute: is one running that serves workflows, and WEIR_MONITOR not off?';
    if (found === null) return [broken('nobody watches: the monitor has never run here', start)];
    const state = found.status.name;
    if (state !== 'RUNNING')
      return [
        broken(
          `nobody watches: the monitor is ${state.toLowerCase().replaceAll('_', ' ')}`,
          state === 'PAUSED' ? `unpause the workflow ${MONITOR_ID} in the Temporal UI` : start,
        ),
      ];
    if (found.taskQueue !== taskQueue)
      return [
        broken(
          `the monitor runs on the task queue ${found.taskQueue}, so ${taskQueue} is not watched`,
          `terminate ${MONITOR_ID} in the Temporal UI where that is an installation of the past; two installations need a namespace each`,
        ),
      ];
    const attempt = found.raw.pendingWorkflowTask?.attempt ?? 0;
    if (attempt >= STUCK_FROM_ATTEMPT)
      return [
        broken(
          `the monitor stands still: its workflow task is at attempt ${attempt}`,
          'docs/runbooks/tasks-failing.md; a worker begins it anew within two minutes',
        ),
      ];
    const waited = waitedMs(found.raw.pendingWorkflowTask?.originalScheduledTime, Date.now());
    if (waited > PATIENT_MS)
      return [
        broken(
          `nobody watches: the monitor has waited for a worker for ${Math.floor(waited / 60_000)} min`,
          'start a worker that serves workflows: it goes on by itself',
        ),
      ];
    return [ok('objectives and what fails without saying so are watched, every minute')];
  },
};
