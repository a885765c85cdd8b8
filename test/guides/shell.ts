import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { runOf, stationsOf } from '../activities/shop.ts';
import { ownTemporal } from '../setup/temporal.ts';
import { testWeir } from '../setup/weir.ts';
import type { PreparedGuide, PrepareGuide } from './guide.ts';

const PROJECT = path.resolve(import.meta.dirname, '..', '..');

/** The stores have been loaded a moment ago; no worker is up, and nobody has applied the schedules. */
export const prepare: PrepareGuide = async ({ folder }): Promise<PreparedGuide> => {
  cpSync(path.join(PROJECT, 'models'), path.join(folder, 'models'), { recursive: true });
  cpSync(path.join(PROJECT, 'expectations', 'suites'), path.join(folder, 'suites'), { recursive: true });
  for (const source of ['inventory', 'pos_events', 'transactions'])
    mkdirSync(path.join(folder, 'landing', source), { recursive: true });
  const temporalServer = await ownTemporal();
  const weir = await testWeir({ worker: false, temporalServer });
  const { load } = stationsOf(weir.database.databases);
  for (const model of ['dim_stores', 'dim_stores_history'])
    await load(model, runOf('daily-dimension-refresh-2017-01-02T02:30:00Z'), { pipeline: 'daily' });
  return {
    env: {
      DATABASE_URL: weir.settings.databaseUrl,
      TEMPORAL_ADDRESS: weir.temporal.address,
      TEMPORAL_NAMESPACE: weir.temporal.namespace,
      WEIR_TASK_QUEUE: 'weir',
      WEIR_LANDING_FOLDER: 'landing',
      WEIR_MODELS_FOLDER: path.join(folder, 'models'),
      WEIR_SUITES_FOLDER: path.join(folder, 'suites'),
      PAGERDUTY_ROUTING_KEY: weir.settings.pagerDuty.routingKey,
      WEIR_PAGERDUTY_SERVER: 'localhost:1',
      WEIR_SOURCE_CRM_URL: weir.settings.databaseUrl,
    },
    varying: [
      [/(?:\d+ (?:h|min) )?\d+ (?:h|min|s)(?= \/| ago)/g, 'AGE'],
      [/ {2,}/g, '  '],
      [/Node [\d.]+|Postgres [\d.]+|Temporal [\d.]+/g, 'VERSION'],
      [/weir_test_\w+/g, 'DATABASE'],
      [/\d+ models, \d+ suites/g, 'FILES'],
      [/one worker may open \d+|max_connections[ =]+\S+( is)? ?\d*/g, 'ROOM'],
    ],
    close: async () => {
      await weir.close();
      await temporalServer.stop();
    },
  };
};
