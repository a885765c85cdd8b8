import { ApplicationFailure } from '@temporalio/common';
import { defineCommand } from 'citty';
import { readPublishedModel } from '../activities/published-model.ts';
import { readReplay, replayRemarks } from '../activities/replay-facts.ts';
import { replayWindow } from '../activities/replay-window.ts';
import { readLoad } from '../activities/load.ts';
import { takeSnapshot } from '../activities/snapshot.ts';
import { withConnections } from './connect.ts';
import { exitsWith, Failure, type ExitCode } from './exit-codes.ts';
import { runPipeline } from './run/run-pipeline.ts';

/** `weir replay`: reads the window of a published load again. */
export default defineCommand({
  meta: {
    name: 'replay',
    description:
      'Read the window of a published load again, through its gates. Older rows never replace newer ones, and no watermark moves. Says first how much of the window is still there. Example: weir replay 42 Exit codes: 0 done, 1 a gate held it until its hold ended or it was abandoned, 2 nothing was read as another run holds the model, 3 could not run.',
  },
  args: {
    load: { type: 'positional', required: true, description: 'its number in control.ledger' },
    'hold-for': { type: 'string', description: 'how long a held gate waits: 12h, 30m' },
    detach: { type: 'boolean', description: 'do not wait for the end' },
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    if (!/^[1-9]\d{0,14}$/.test(args.load))
      throw new Failure(`${args.load} is no load: give its number in control.ledger`);
    const loadId = Number(args.load);
    return await withConnections(async (connections) => {
      const { database, settings } = connections;
      const load = await readLoad(database, loadId).catch((error: unknown) => {
        throw error instanceof ApplicationFailure ? noLoad(loadId) : error;
      });
      // Refused here rather than by a run that has begun.
      replayWindow(load, load.model, await takeSnapshot(database));
      const loaded = await readPublishedModel(settings, load.model);
      const facts = await readReplay(database, loaded, loadId);
      process.stderr.write(`${load.model}: ${replayRemarks(facts).join('; ')}\n`);
      return await runPipeline(connections, facts.pipeline, {
        input: {
          replay: loadId,
          models: [load.model],
          // Judged by the time of the load: by now, what it reads is not fresh.
          asOf: load.asOf,
          ...(args['hold-for'] === undefined ? {} : { holdFor: args['hold-for'] }),
        },
        detach: args.detach === true,
        json: args.json === true,
      });
    });
  }),
});

function noLoad(loadId: number): Failure {
  return new Failure(
    `the ledger of this database has no load ${loadId}: \`select load_id, model, window_read from control.ledger\` lists those there are`,
  );
}
