import { defineCommand } from 'citty';
import { answer } from './answer.ts';
import { examine, type Examined } from './doctor/examine.ts';
import { doctorText } from './doctor/text.ts';
import { exitCodes, exitsWith, type ExitCode } from './exit-codes.ts';
import { withProgress } from './progress.ts';

/** `weir doctor`: what is missing or misconfigured, each with its mend. */
export default defineCommand({
  meta: {
    name: 'doctor',
    description:
      'Say what is missing or misconfigured, each with its mend: Node, settings, files, Postgres and its logins, Temporal, workers, schedules, clocks, pager, sources. It changes nothing and pages nobody. Example: weir doctor --json Exit codes: 0 all is well, 2 something is to be looked at, 3 something is broken.',
  },
  args: { json: { type: 'boolean', description: 'print as JSON' } },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const examined = await withProgress('looking', examine);
    answer(args.json, examined, () => doctorText(examined));
    return exitCodeOf(examined);
  }),
});

function exitCodeOf(examined: readonly Examined[]): ExitCode {
  const levels = new Set(examined.flatMap(({ findings }) => findings.map(({ level }) => level)));
  if (levels.has('broken')) return exitCodes.couldNotRun;
  return levels.has('warning') ? exitCodes.warned : exitCodes.done;
}
