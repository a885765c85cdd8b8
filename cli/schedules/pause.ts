import os from 'node:os';
import { defineCommand } from 'citty';
import { redactText } from '../../expectations/redact.ts';
import { answer } from '../answer.ts';
import { withConnections } from '../connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from '../exit-codes.ts';
import { findSchedule, nameArg, onServer } from './find-schedule.ts';

/** `weir schedules pause`. */
export default defineCommand({
  meta: {
    name: 'pause',
    description:
      'Start no more runs by a schedule; those that go on, go on. Rows that arrive meanwhile come with the next run. Example: weir schedules pause hourly --reason "the tills are being moved" Exit codes: 0 done, 3 could not run.',
  },
  args: {
    name: nameArg,
    reason: { type: 'string', required: true, description: 'why, for those who find it paused' },
    by: { type: 'string', description: 'who pauses it; default: the user of this shell' },
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const { scheduleId } = findSchedule(args.name);
    const reason = args.reason.trim();
    if (reason === '') throw new Failure('--reason is empty: say why, for those who find it paused');
    return await withConnections(async ({ client }) => {
      const { state } = await onServer(client, scheduleId);
      const by = redactText(args.by ?? os.userInfo().username);
      // The note is in the Temporal UI and in what the monitor tells, and no interceptor of the client sees it.
      const note = `${redactText(reason)} (${by}, ${new Date().toISOString()})`;
      await client.schedule.getHandle(scheduleId).pause(note);
      const was = state.paused ? { pausedBefore: state.note ?? '' } : {};
      answer(args.json, { scheduleId, paused: true, note, ...was }, () =>
        state.paused
          ? `${scheduleId} · was paused already (${state.note ?? 'no reason given'}); now: ${note}\n`
          : `${scheduleId} · paused: ${note}\n`,
      );
      return exitCodes.done;
    });
  }),
});
