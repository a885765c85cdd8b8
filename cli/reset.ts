import os from 'node:os';
import { defineCommand } from 'citty';
import { answer } from './answer.ts';
import { withConnections, type Connections } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';
import { findRun, listRuns } from './reset/find-runs.ts';
import { noPipeline } from './reset/no-pipeline.ts';
import { plain } from './plain.ts';
import { planReset, type PlannedReset } from './reset/plan-reset.ts';
import { readPoints } from './reset/points.ts';
import { resetRun } from './reset/reset-run.ts';
import { plannedText, pointsText } from './reset/text.ts';
import { linkTo } from './runs/link.ts';

/** So many runs are looked at when nobody says otherwise: each costs a read of its history. */
const LIMIT = 100;

/** `weir reset`: a run does a step, and all that follows, again. */
export default defineCommand({
  meta: {
    name: 'reset',
    description:
      'Let a run do a step and all after it again: what is loaded is not loaded again, old decisions are not applied again. Without --to: its reset points. Example: weir reset --query \'WeirPipeline="hourly" AND ExecutionStatus="Failed"\' --to "gate stg_transactions" --yes Exit codes: 0 done, 2 some runs were left as they are, 3 could not run.',
  },
  args: {
    run: {
      type: 'positional',
      required: false,
      description: 'its workflow id, as weir runs prints it, or id/runId',
    },
    to: {
      type: 'string',
      description: 'the step, by the beginning of its summary: "gate stg_transactions"; or its event',
    },
    query: {
      type: 'string',
      description: 'a filter as in the search box of the Temporal UI: resets every run it finds',
    },
    limit: { type: 'string', description: `with --query: no more runs than this; default: ${LIMIT}` },
    yes: { type: 'boolean', description: 'with --query: do it, and not only say what would be done' },
    'dry-run': { type: 'boolean', description: 'only say what would be done' },
    reason: { type: 'string', description: 'why, for the history; default: who resets, and to what' },
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const { run, to, query, json } = args;
    if ((run === undefined) === (query === undefined))
      throw new Failure('name a run, or give --query for many: weir reset RUN --to "gate MODEL"');
    if (query !== undefined && to === undefined)
      throw new Failure('--query needs --to, the step to reset to: --to "gate stg_transactions"');
    return await withConnections(async (connections) => {
      const { client } = connections;
      if (query !== undefined && to !== undefined)
        return await resetMany(connections, { ...args, query, to });
      const found = await findRun(client, run ?? '');
      const instead = noPipeline(found);
      if (instead !== null)
        throw new Failure(plain(`${found.workflowId} cannot be reset to a step: ${instead}`));
      if (to === undefined) {
        const points = await readPoints(client, found);
        answer(json, points, () => pointsText(points));
        return exitCodes.done;
      }
      const planned = await planReset(client, found, to);
      if (planned.left !== null)
        throw new Failure(`${planned.workflowId}: ${planned.left} (weir reset ${run} lists its steps)`);
      return await carryOut(connections, [planned], { ...args, to, only: args['dry-run'] === true });
    });
  }),
});

interface Order {
  readonly to: string;
  readonly query?: string | undefined;
  readonly reason?: string | undefined;
  readonly json?: boolean | undefined;
}

async function resetMany(
  connections: Connections,
  args: Order & {
    readonly query: string;
    readonly limit?: string | undefined;
    readonly yes?: boolean | undefined;
    readonly 'dry-run'?: boolean | undefined;
  },
): Promise<ExitCode> {
  const limit = Number(args.limit ?? LIMIT);
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new Failure(`--limit is ${args.limit}: give how many runs, like 20`);
  const { runs, more } = await listRuns(connections.client, args.query, limit);
  const planned: PlannedReset[] = [];
  for (const run of runs) planned.push(await planReset(connections.client, run, args.to));
  if (more) process.stderr.write(`there are more than ${limit} runs: --limit takes more\n`);
  const only = args['dry-run'] === true || args.yes !== true;
  return await carryOut(connections, planned, { ...args, only });
}

/** What was done with one run. */
interface DoneReset extends PlannedReset {
  /** The run that carries on; null where it was left, or nothing was to be done. */
  readonly newRunId: string | null;
  readonly link: string;
}

async function carryOut(
  { client, namespace, settings }: Connections,
  planned: readonly PlannedReset[],
  { only, ...args }: Order & { readonly only: boolean },
): Promise<ExitCode> {
  const { to, json, reason = `weir reset by ${os.userInfo().username}: to ${to}` } = args;
  const done: DoneReset[] = [];
  for (const one of planned) {
    const { workflowId, runId, point } = one;
    const newRunId =
      point === null || only ? null : await resetRun(client, one, { eventId: point.eventId, reason });
    const link = `${linkTo(settings, namespace)(workflowId, newRunId ?? runId)}/history`;
    done.push({ ...one, newRunId, link });
    if (json !== true) process.stdout.write(`${plannedText(one)}      ${link}\n`);
  }
  if (json === true) answer(true, done, () => '');
  else if (done.length === 0) process.stdout.write('no run fits\n');
  if (only && done.some(({ point }) => point !== null))
    process.stderr.write(
      `nothing was reset: ${args.query === undefined ? 'leave out --dry-run' : '--yes does it'}\n`,
    );
  return done.some(({ left }) => left !== null) ? exitCodes.warned : exitCodes.done;
}
