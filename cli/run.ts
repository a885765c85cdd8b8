import { defineCommand } from 'citty';
import { chosenModels, namedModels } from './chosen-models.ts';
import { withConnections } from './connect.ts';
import { exitsWith, type ExitCode } from './exit-codes.ts';
import { runPipeline } from './run/run-pipeline.ts';
import { inScratch, refuseScratchOnly, scratchArgs } from './scratch/args.ts';
import { selectArg } from './selecting.ts';

/**
 * `weir run hourly`: starts a run and, unless told otherwise, waits for its end.
 * @example npm run weir -- run hourly --as-of 2017-01-02T08:00:00Z
 */
export default defineCommand({
  meta: {
    name: 'run',
    description:
      'Run a pipeline now: what arrived, a range of event time, or models made anew. Example: weir run hourly --from 2017-01-02T00:00:00Z --to 2017-01-03T00:00:00Z Exit codes: 0 done, 1 a gate held it until its hold ended or it was abandoned, 2 a model was left as another run holds it, 3 could not run.',
  },
  args: {
    pipeline: { type: 'positional', required: false, description: 'minute, hourly or daily' },
    'as-of': {
      type: 'string',
      description: 'the time the run judges by, ISO 8601 with a zone; default: now',
    },
    models: { type: 'string', description: 'only these models, separated by commas' },
    'full-refresh': {
      type: 'string',
      description: 'incremental models to make anew from whole relations, separated by commas',
    },
    'hold-for': { type: 'string', description: 'how long a held gate waits: 12h, 30m' },
    'dry-run': {
      type: 'boolean',
      description: 'only say what it would do: windows, rows that wait, gates, who holds what',
    },
    detach: { type: 'boolean', description: 'do not wait for the end' },
    json: { type: 'boolean', description: 'print the result as JSON' },
    select: selectArg,
    ...scratchArgs,
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    if (args.schema !== undefined) return await inScratch(args);
    refuseScratchOnly(args);
    const { pipeline, from, to } = args;
    const rebuilt = args['full-refresh'];
    const input = {
      ...(args['as-of'] === undefined ? {} : { asOf: args['as-of'] }),
      ...(await chosenModels(args)),
      ...(args['hold-for'] === undefined ? {} : { holdFor: args['hold-for'] }),
      ...(from === undefined ? {} : { intervalStart: from }),
      ...(to === undefined ? {} : { intervalEnd: to }),
      ...(args['dry-run'] === true ? { dryRun: true } : {}),
      ...(rebuilt === undefined ? {} : { fullRefresh: await namedModels(rebuilt, pipeline) }),
    };
    return await withConnections((connections) =>
      runPipeline(connections, pipeline ?? '', {
        input,
        detach: args.detach === true,
        json: args.json === true,
      }),
    );
  }),
});
