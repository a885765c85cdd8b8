import { defineCommand } from 'citty';
import { readGraph } from '../activities/repository.ts';
import { answer } from './answer.ts';
import { cliFolders, cliSettings, withDatabase } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';
import { checkPipeline } from './pipelines.ts';
import { reachTemporal } from './reach-temporal.ts';
import { withFiles } from './selecting.ts';
import { unreached } from './unreached.ts';
import { readStatus, type Status } from './status/read-status.ts';
import { statusText } from './status/text.ts';

/** `weir status`: where every model stands, and what waits for somebody. */
export default defineCommand({
  meta: {
    name: 'status',
    description:
      'Say where every model stands: how old what is published is against its objective, its last load and verdict, held gates, quarantine, incidents, next runs. Example: weir status --pipeline hourly Exit codes: 0 all is fresh and nothing is held, 1 a gate is held, 2 a model is stale or its last verdict warned, 3 could not run, or Temporal did not answer.',
  },
  args: {
    pipeline: { type: 'string', description: 'only this one: minute, hourly or daily; default: all' },
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const pipeline = checkPipeline(args.pipeline);
    cliSettings();
    const graph = await withFiles(() => readGraph(cliFolders()));
    const { temporal, missed } = await temporalOrNot();
    try {
      const status = await withDatabase('weir status', (database) =>
        readStatus({ database, client: temporal?.client ?? null, graph }, pipeline),
      );
      answer(args.json, status, () => statusText(status));
      if (missed !== null) throw missed;
      return exitCodeOf(status);
    } finally {
      await temporal?.connection.close();
    }
  }),
});

/** What Postgres knows is shown without Temporal too. */
async function temporalOrNot() {
  try {
    return { temporal: await reachTemporal(), missed: null };
  } catch (error) {
    const missed = error instanceof Failure ? error : unreached(error);
    if (missed === null) throw error;
    return { temporal: null, missed };
  }
}

function exitCodeOf({ held, models }: Status): ExitCode {
  if (held.length > 0) return exitCodes.gateFailed;
  const troubled = models.some(
    ({ state, lastVerdict }) => state === 'stale' || (lastVerdict !== null && lastVerdict.outcome !== 'pass'),
  );
  return troubled ? exitCodes.warned : exitCodes.done;
}
