import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { landDaysAgo, makePastDays } from '../activities/housekeeping-shop.ts';
import { runOf, stationsOf } from '../activities/shop.ts';
import { ownTemporal } from '../setup/temporal.ts';
import { testWeir } from '../setup/weir.ts';
import { workerProcesses } from '../setup/worker-process.ts';
import type { PreparedGuide, PrepareGuide } from './guide.ts';

/**
 * Three old days: two that everybody has passed, of one a row that came later. And a candidate that a killed worker left.
 * With a worker in a process of its own, because the guide's commands stand still here until they have an answer.
 */
export const prepare: PrepareGuide = async (): Promise<PreparedGuide> => {
  const temporalServer = await ownTemporal();
  const weir = await testWeir({ worker: false, temporalServer });
  const workers = workerProcesses();
  await workers.spawn(weir);
  const { admin, databases } = weir.database;
  await makePastDays(admin, 'raw_transactions', [-93, -92, -91]);
  await landDaysAgo(admin, 93, ['a', 'b', 'c']);
  await landDaysAgo(admin, 92, ['d']);
  await landDaysAgo(admin, 91, ['e']);
  const stations = stationsOf(databases);
  await stations.load('stg_transactions', runOf('first'));
  await landDaysAgo(admin, 91, ['late']);
  await stations.openWindow('stg_transactions', runOf('second'));
  await stations.release({ model: 'stg_transactions', run: runOf('second'), outcome: 'abandoned' });
  await sql`create table candidate.stg_transactions_2_1 as select 1 as n`.execute(databases.loader);

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
      [/raw_(transactions|pos_events|inventory)_\d{8}/g, 'raw_$1_DAY'],
      [/housekeeping-by-hand-[0-9a-f]{8}/g, 'housekeeping-by-hand-ID'],
      [/http:\/\/localhost:\d+\/namespaces\/[^/]+/g, 'UI'],
    ],
    close: async () => {
      await workers.stopAll();
      await weir.close();
      await temporalServer.stop();
    },
  };
};
