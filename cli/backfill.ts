import { randomUUID } from 'node:crypto';
import { defineCommand } from 'citty';
import { surveyBackfill } from '../activities/backfill/survey.ts';
import type { BackfillInput } from '../workflows/backfill/input.ts';
import type { BackfillReport } from '../workflows/backfill/report.ts';
import { TASK_TIMEOUT } from '../workflows/backfill/task-timeout.ts';
import { answer } from './answer.ts';
import { checkedInput, inputOf, steeringOf, type Args } from './backfill/arguments.ts';
import { followBackfill, reportText } from './backfill/follow.ts';
import { confirm, previewText } from './backfill/preview.ts';
import { steerBackfill } from './backfill/steer.ts';
import { cliFolders, withConnections, withDatabase, type Connections } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';
import { linkTo } from './runs/link.ts';
import { selectArg, withFiles } from './selecting.ts';

/**
 * `weir backfill hourly --from … --to …`: loads past intervals, each in a run of its own.
 * @example npm run weir -- backfill hourly --from 2017-01-01 --to 2017-02-01 --width 8
 */
export default defineCommand({
  meta: {
    name: 'backfill',
    description:
      'Load past intervals, side by side and each in a run of its own; what is done with the same SQL is skipped. Shows first what it comes to. With the id of a backfill that goes on: watch or steer it. Example: weir backfill hourly --from 2017-01-01 --to 2017-02-01 --width 8 Exit codes: 0 done, 1 a gate held an interval until its hold ended or it was abandoned, 3 another failure, or it could not begin.',
  },
  args: {
    pipeline: {
      type: 'positional',
      required: false,
      description: 'minute, hourly or daily, or the id of a backfill that goes on; default: hourly',
    },
    from: {
      type: 'string',
      description:
        'the first interval begins here: 2017-01-01 or 2017-01-01T08:00Z; default: what schedules missed in seven days',
    },
    to: { type: 'string', description: 'the last one ends here; default: the last that is over' },
    width: { type: 'string', description: 'intervals side by side; default: 4' },
    models: { type: 'string', description: 'only these models, separated by commas' },
    select: selectArg,
    again: { type: 'boolean', description: 'load again what is done with the same SQL' },
    'stop-after': { type: 'string', description: 'begin no more after so many have failed; default: 1' },
    'newest-first': { type: 'boolean', description: 'begin with the last interval' },
    'hold-for': { type: 'string', description: 'how long a held gate waits: 30m, 12h; default: 1h' },
    'dry-run': { type: 'boolean', description: 'show what it comes to, and begin nothing' },
    yes: { type: 'boolean', description: 'begin without asking' },
    detach: { type: 'boolean', description: 'do not wait for the end' },
    pause: { type: 'boolean', description: 'of one that goes on: begin no interval for now; needs --reason' },
    resume: { type: 'boolean', description: 'of one that goes on: go on after a pause' },
    reason: { type: 'string', description: 'why it is paused' },
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    if (args.pipeline?.startsWith('backfill-') === true) return await steer(args.pipeline, args);
    if (args.pause === true || args.resume === true)
      throw new Failure(
        '--pause and --resume need the id of a backfill: weir backfill backfill-hourly-1a2b3c4d --pause --reason "…"',
      );
    const input = await inputOf(args);
    const request = checkedInput(input);
    const survey = await withFiles(() =>
      withDatabase('weir backfill', (database) =>
        surveyBackfill(database, cliFolders(), { ...request, now: new Date().toISOString() }),
      ),
    );
    if (survey.range === null || args['dry-run'] === true) {
      answer(args.json, survey, () => previewText(survey, request));
      return exitCodes.done;
    }
    process.stderr.write(previewText(survey, request));
    await confirm(args.yes === true);
    return await withConnections((connections) => begin(connections, request.pipeline, input, args));
  }),
});

async function begin(
  connections: Connections,
  pipeline: string,
  input: BackfillInput,
  { detach, json }: Args,
): Promise<ExitCode> {
  const { client, namespace, settings } = connections;
  const workflowId = `backfill-${pipeline}-${randomUUID().slice(0, 8)}`;
  await client.workflow.start('backfill', {
    taskQueue: settings.taskQueue,
    workflowId,
    args: [input],
    workflowTaskTimeout: TASK_TIMEOUT,
  });
  const link = linkTo(settings, namespace)(workflowId);
  process.stderr.write(`started ${workflowId}\n${link}\n`);
  if (detach === true) {
    answer(json, { workflowId, link }, () => '');
    return exitCodes.done;
  }
  return told(await followBackfill(connections, workflowId), json);
}

async function steer(workflowId: string, args: Args): Promise<ExitCode> {
  const steering = steeringOf(args);
  return await withConnections(async (connections) => {
    const said = await steerBackfill(connections, workflowId, steering);
    if (said.length === 0) return told(await followBackfill(connections, workflowId), args.json);
    answer(args.json, { workflowId, said }, () => `${said.join('\n')}\n`);
    return exitCodes.done;
  });
}

function told(report: BackfillReport, json: boolean | undefined): ExitCode {
  answer(json, report, () => reportText(report));
  if (report.failures === 0) return exitCodes.done;
  return report.failed.every(({ gate }) => gate) ? exitCodes.gateFailed : exitCodes.couldNotRun;
}
