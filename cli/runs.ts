import { defineCommand } from 'citty';
import { nearMiss } from '../expectations/suggestion.ts';
import { answer } from './answer.ts';
import { withConnections } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';
import { checkPipeline } from './pipelines.ts';
import { withProgress } from './progress.ts';
import { findRuns } from './runs/find-runs.ts';
import { runsText } from './runs/text.ts';
import { readSince, runStates, type RunState } from './runs/visibility-query.ts';

/** `weir runs`: recent runs, as Temporal's visibility knows them. */
export default defineCommand({
  meta: {
    name: 'runs',
    description:
      'List recent runs: those that go on first, then by when they ended. Example: weir runs --state failed --since 24h Exit codes: 0 done, 3 could not run.',
  },
  args: {
    pipeline: { type: 'string', description: 'only this one: minute, hourly or daily; default: all' },
    state: { type: 'string', description: `only these: ${runStates.join(', ')}` },
    since: { type: 'string', description: 'begun since then: 24h, 90min, 7d, or a moment' },
    limit: { type: 'string', default: '20', description: 'how many at most' },
    json: { type: 'boolean', description: 'print as JSON' },
  },
  subCommands: {
    show: async () => (await import('./runs/show.ts')).default,
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const asked = {
      pipeline: checkPipeline(args.pipeline),
      state: readState(args.state),
      since: readSince(args.since, new Date()),
    };
    const limit = readLimit(args.limit);
    return await withConnections(async (connections) => {
      const filter = { ...asked, taskQueue: connections.settings.taskQueue };
      const runs = await withProgress('asking Temporal', () => findRuns(connections, filter, limit));
      answer(args.json, runs, () => runsText(runs));
      return exitCodes.done;
    });
  }),
});

function readState(text: string | undefined): RunState | null {
  if (text === undefined) return null;
  const state = runStates.find((one) => one === text);
  if (state !== undefined) return state;
  const said = [`there is no state ${text}; there are ${runStates.join(', ')}.`, nearMiss(text, runStates)];
  throw new Failure(said.filter(Boolean).join(' '));
}

function readLimit(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new Failure(`--limit ${text} is no number from 1 to 99999`);
}
