import { defineCommand } from 'citty';
import { answer } from './answer.ts';
import { withDatabase } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';
import { readMonth } from './slo/read-month.ts';
import { isMet, monthText } from './slo/text.ts';

/** `weir slo`: what a month came to, objective by objective. */
export default defineCommand({
  meta: {
    name: 'slo',
    description:
      'Print a month of objectives, by model and pipeline: target, share met, what is left of the budget of what may go wrong, and the worst stretch. Minutes that nobody measured count as not met. Example: weir slo --month 2017-01 Exit codes: 0 all were met, 2 one was missed, 3 could not run, or nothing was measured in that month.',
  },
  args: {
    month: { type: 'string', description: 'YYYY-MM, UTC; default: this one' },
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const begins = monthOf(args.month);
    const month = await withDatabase('weir slo', (database) => readMonth(database, begins));
    if (month.objectives.length === 0)
      throw new Failure(
        `Nothing was measured in ${month.month}. Objectives are measured every minute by the workflow freshness-monitor; \`weir doctor\` says whether it runs.`,
      );
    answer(args.json, month, () => monthText(month));
    return month.objectives.every(isMet) ? exitCodes.done : exitCodes.warned;
  }),
});

/** The first moment of a month, UTC. @throws Failure where it is none. */
function monthOf(given: string | undefined): Date {
  const now = new Date();
  if (given === undefined) return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
  const found = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(given);
  if (found === null) throw new Failure(`--month is \`${given}\`: write year and month, such as 2017-01.`);
  return new Date(`${given}-01T00:00:00Z`);
}
