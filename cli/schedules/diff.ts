import { defineCommand } from 'citty';
import { diffSchedules } from '../../workers/schedules.ts';
import { answer } from '../answer.ts';
import { withConnections } from '../connect.ts';
import { exitCodes, exitsWith, type ExitCode } from '../exit-codes.ts';
import { driftLines } from './drift-lines.ts';
import { wantedSchedules } from './wanted-schedules.ts';

/** `weir schedules diff`. */
export default defineCommand({
  meta: {
    name: 'diff',
    description:
      'Print in what the server’s schedules differ from the code, and change nothing: times, zone, jitter, input, policies, and schedules that the code does not know or no model needs. Example: weir schedules diff Exit codes: 0 nothing differs, 2 something does, 3 could not run.',
  },
  args: { json: { type: 'boolean', description: 'print as JSON' } },
  run: exitsWith(
    async ({ args }): Promise<ExitCode> =>
      await withConnections(async ({ client, settings: { taskQueue } }) => {
        const all = await diffSchedules(client, { taskQueue, schedules: await wantedSchedules() });
        const drifted = all.filter(({ state }) => state !== 'same');
        const told = drifted.map(({ scheduleId, state, drift }) => driftLines(scheduleId, state, drift));
        answer(args.json, drifted, () => told.join('') || 'nothing differs\n');
        return drifted.length === 0 ? exitCodes.done : exitCodes.warned;
      }),
  ),
});
