import { defineCommand } from 'citty';
import { applySchedules } from '../../workers/schedules.ts';
import { answer } from '../answer.ts';
import { withConnections } from '../connect.ts';
import { exitCodes, exitsWith, type ExitCode } from '../exit-codes.ts';
import { driftLines } from './drift-lines.ts';
import { wantedSchedules } from './wanted-schedules.ts';

/** `weir schedules apply`. */
export default defineCommand({
  meta: {
    name: 'apply',
    description:
      'Make the server’s schedules what the code says, and print what differed. Whether one is paused stays as it is. Example: weir schedules apply Exit codes: 0 done, 2 done and the server has one that the code does not know or no model needs, 3 could not run.',
  },
  args: {
    paused: { type: 'boolean', description: 'create missing ones paused' },
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(
    async ({ args }): Promise<ExitCode> =>
      await withConnections(async ({ client, settings: { taskQueue } }) => {
        const schedules = await wantedSchedules();
        const changes = await applySchedules(client, { taskQueue, schedules, paused: args.paused === true });
        answer(args.json, changes, () =>
          changes.map(({ scheduleId, change, drift }) => driftLines(scheduleId, change, drift)).join(''),
        );
        return changes.some(({ change }) => change === 'unknown' || change === 'unneeded')
          ? exitCodes.warned
          : exitCodes.done;
      }),
  ),
});
