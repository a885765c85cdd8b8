import { defineCommand } from 'citty';
import { applySchedules } from '../workers/schedules.ts';
import { withConnections } from './connect.ts';
import { exitCodes, exitsWith, type ExitCode } from './exit-codes.ts';

const apply = defineCommand({
  meta: {
    name: 'apply',
    description: 'Make the server’s schedules what the code says, and print what differed.',
  },
  args: {
    paused: { type: 'boolean', description: 'create missing ones paused' },
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(
    async ({ args }): Promise<ExitCode> =>
      await withConnections(async ({ client, settings }) => {
        const changes = await applySchedules(client, {
          taskQueue: settings.taskQueue,
          paused: args.paused === true,
        });
        const lines = changes.map(({ scheduleId, change, drift }) =>
          [`${scheduleId}: ${change}`, ...drift.map((one) => `  ${one}`)].join('\n'),
        );
        process.stdout.write(`${args.json ? JSON.stringify(changes, null, 2) : lines.join('\n')}\n`);
        return exitCodes.done;
      }),
  ),
});

/** `weir schedules apply`: schedules live in code; this reconciles the server with it. */
export default defineCommand({
  meta: { name: 'schedules', description: 'The schedules that runs start by.' },
  subCommands: { apply },
});
