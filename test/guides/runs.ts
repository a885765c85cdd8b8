import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { ownTemporal } from '../setup/temporal.ts';
import { testWeir } from '../setup/weir.ts';
import { workerProcesses } from '../setup/worker-process.ts';
import type { PreparedGuide, PrepareGuide } from './guide.ts';

const HOURLY = 'hourlyIncrementalLoad';

/**
 * An hour whose gate found a basket above the limit, so that its run failed when the hold had ended; and a run of another
 * model. With a worker in a process of its own, because the guide's commands stand still here until they have an answer.
 */
export const prepare: PrepareGuide = async (): Promise<PreparedGuide> => {
  const temporalServer = await ownTemporal();
  const weir = await testWeir({ worker: false, temporalServer });
  const workers = workerProcesses();
  await workers.spawn(weir);
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
  await until(async () => (await client.workflow.count(query)).count === 2, { what: 'both are listed' });

  const caFile = path.join(mkdtempSync(path.join(tmpdir(), 'weir-guide-ca-')), 'ca.pem');
  writeFileSync(caFile, weir.standIn.ca);
  return {
    env: {
      DATABASE_URL: weir.settings.databaseUrl,
      TEMPORAL_ADDRESS: weir.temporal.address,
      TEMPORAL_NAMESPACE: weir.temporal.namespace,
      WEIR_LANDING_FOLDER: weir.settings.landingFolder,
      WEIR_TASK_QUEUE: weir.settings.taskQueue,
      PAGERDUTY_ROUTING_KEY: weir.settings.pagerDuty.routingKey,
      WEIR_PAGERDUTY_SERVER: weir.standIn.server,
      WEIR_PAGERDUTY_CA_FILE: caFile,
    },
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
    close: async () => {
      await workers.stopAll();
      await weir.close();
      await temporalServer.stop();
    },
  };
};
