import { defineCommand } from 'citty';
import { answer } from '../answer.ts';
import { withConnections } from '../connect.ts';
import { exitCodes, exitsWith, type ExitCode } from '../exit-codes.ts';
import { findSchedule, nameArg, onServer } from './find-schedule.ts';
import { missedLines, readMissed } from './missed.ts';

/** `weir schedules unpause`. */
export default defineCommand({
  meta: {
    name: 'unpause',
    description:
      'Let a schedule start runs again, and name the slots that it missed, with the command that runs them. Temporal does not catch them up. Example: weir schedules unpause hourly Exit codes: 0 done and nothing was missed, 2 done and slots were missed, 3 could not run.',
  },
  args: {
    name: nameArg,
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const schedule = findSchedule(args.name);
    const { scheduleId, note } = schedule;
    return await withConnections(async (connections) => {
      const { state } = await onServer(connections.client, scheduleId);
      const handle = connections.client.schedule.getHandle(scheduleId);
      if (state.paused) await handle.unpause(note);
      const missed = await readMissed(connections, schedule);
      const nextRun = (await handle.describe()).info.nextActionTimes[0]?.toISOString() ?? null;
      answer(args.json, { scheduleId, wasPaused: state.paused, nextRun, missed }, () => {
        const said = state.paused ? 'runs again' : 'was not paused';
        const lines = missedLines(missed, schedule).map((line) => `  ${line}\n`);
        return [`${scheduleId} · ${said} · next ${nextRun ?? 'never'}\n`, ...lines].join('');
      });
      return missed.slots === 0 ? exitCodes.done : exitCodes.warned;
    });
  }),
});
