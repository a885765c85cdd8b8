import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { defineCommand } from 'citty';
import { SCHEDULES } from '../workers/schedules.ts';
import { chosenModels } from './chosen-models.ts';
import { withConnections } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';
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
      'Run a pipeline now. Example: weir run hourly --as-of 2017-01-02T08:00:00Z Exit codes: 0 done, 1 a gate held it until its hold ended or it was abandoned, 3 could not run.',
  },
  args: {
    pipeline: { type: 'positional', required: false, description: 'hourly or daily' },
    'as-of': {
      type: 'string',
      description: 'the time the run judges by, ISO 8601 with a zone; default: now',
    },
    models: { type: 'string', description: 'only these models, separated by commas' },
    'hold-for': { type: 'string', description: 'how long a held gate waits: 12h, 30m' },
    detach: { type: 'boolean', description: 'do not wait for the end' },
    json: { type: 'boolean', description: 'print the result as JSON' },
    select: selectArg,
    ...scratchArgs,
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    if (args.schema !== undefined) return await inScratch(args);
    refuseScratchOnly(args);
    const schedule = SCHEDULES.find(({ scheduleId }) => scheduleId.startsWith(`${args.pipeline}-`));
    if (!schedule) throw new Failure(`there is no pipeline ${args.pipeline}; there are hourly and daily`);
    const input = {
      ...(args['as-of'] === undefined ? {} : { asOf: args['as-of'] }),
      ...(await chosenModels(args)),
      ...(args['hold-for'] === undefined ? {} : { holdFor: args['hold-for'] }),
    };
    return await withConnections(async ({ client, namespace, settings }) => {
      const handle = await client.workflow.start(schedule.workflowType, {
        args: [input],
        taskQueue: settings.taskQueue,
        workflowId: `${schedule.scheduleId}-by-hand-${randomUUID().slice(0, 8)}`,
      });
      const link = `${settings.temporalUiUrl}/namespaces/${namespace}/workflows/${handle.workflowId}`;
      process.stderr.write(`started ${handle.workflowId}\n${link}\n`);
      if (args.detach) return exitCodes.done;
      const result = await handle.result().catch(runFailure);
      process.stdout.write(args.json ? `${JSON.stringify(result, null, 2)}\n` : `${resultLines(result)}\n`);
      return exitCodes.done;
    });
  }),
});

function runFailure(error: unknown): never {
  if (!(error instanceof WorkflowFailedError)) throw error;
  const { cause } = error;
  const held =
    cause !== undefined && 'type' in cause && (cause.type === 'GateHeld' || cause.type === 'Abandoned');
  throw new Failure(innermost(error).message, held ? exitCodes.gateFailed : exitCodes.couldNotRun);
}

/** What went wrong at the bottom: above it stands that an activity failed. */
function innermost(error: Error): Error {
  return error.cause instanceof Error ? innermost(error.cause) : error;
}

function resultLines(result: {
  models?: Record<string, { state: string; rows?: number; reason?: string; remarks?: readonly string[] }>;
}): string {
  return Object.entries(result.models ?? {})
    .map(([name, { state, rows, reason, remarks = [] }]) =>
      [`${name}: ${state}`, rows === undefined ? undefined : `${rows} rows`, reason, ...remarks]
        .filter((part) => part !== undefined)
        .join(' · '),
    )
    .join('\n');
}
