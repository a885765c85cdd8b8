import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import type { PreparedGuide, PrepareGuide } from './guide.ts';
import { guidedWeir } from './guided-weir.ts';

const HOURLY = 'hourlyIncrementalLoad';

/**
 * An hour whose gate found a basket above the limit, so that its run failed when the hold had ended; and a run of another
 * model.
 */
export const prepare: PrepareGuide = async (): Promise<PreparedGuide> => {
  const { weir, env, close } = await guidedWeir();
  await weir.loadDimensions();
  await weir.land('transactions/2017-01-02T08.jsonl', [
    ...baskets(1, 9),
    basket(9, { total_amount: '100000.01' }),
  ]);
  const { client, taskQueue } = weir.temporal;
  const run = (workflowId: string, input: object) =>
    client.workflow.start(HOURLY, { taskQueue, workflowId, args: [{ asOf: AS_OF, ...input }] });
  const held = await run('hourly-2017-01-02T09', { holdFor: '1s' });
  await held.result().catch(() => undefined);
  const other = await run('hourly-by-hand', { models: ['no_such_model'] });
  await other.result().catch(() => undefined);
  const query = 'WeirPipeline="hourly" AND ExecutionStatus="Failed"';
  await until(async () => (await client.workflow.count(query)).count === 2, {
    what: 'both are listed',
    timeoutMs: 60_000,
  });

  return {
    env,
    varying: [
      [/load-by-hand-[0-9a-f]{8}/g, 'load-by-hand-ID'],
      [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'RUN'],
      [/http:\/\/localhost:\d+\/namespaces\/[^/]+/g, 'UI'],
      // Branches go side by side: which comes first is anybody's guess.
      [
        /\(event \d+\): \d+ steps? stands?, \d+ again|\(event \d+\): \d+ steps stand, \d+ again/g,
        '(event N)',
      ],
      [/^[a-z].* {2}event \d+ +NOW$/gm, 'STEP'],
    ],
    close,
  };
};
