import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { layers } from '../../models/model.ts';
import { ownTemporal } from '../setup/temporal.ts';
import { testWeir } from '../setup/weir.ts';
import { folders } from '../activities/shop.ts';
import { sampledMonth } from './sampled-month.ts';
import type { PreparedGuide, PrepareGuide } from './guide.ts';

/** The shipped models at `models`, and at `draft` with an objective that an hourly schedule cannot meet. */
export const prepare: PrepareGuide = async ({ folder }): Promise<PreparedGuide> => {
  const [models, draft] = [path.join(folder, 'models'), path.join(folder, 'draft')];
  for (const copy of [models, draft])
    for (const layer of layers)
      cpSync(path.join(folders.modelsFolder, layer), path.join(copy, layer), { recursive: true });
  const edited = path.join(draft, 'silver', 'stg_inventory.sql');
  const text = readFileSync(edited, 'utf8');
  writeFileSync(edited, text.replace(/^freshness: .*$/m, 'freshness: {objective: 5 minutes, target: 0.999}'));
  const temporalServer = await ownTemporal();
  const weir = await testWeir({ worker: false, temporalServer });
  await sampledMonth(weir.database.admin);
  return {
    env: {
      DATABASE_URL: weir.settings.databaseUrl,
      TEMPORAL_ADDRESS: weir.temporal.address,
      TEMPORAL_NAMESPACE: weir.temporal.namespace,
      WEIR_TASK_QUEUE: weir.settings.taskQueue,
      WEIR_MODELS_FOLDER: models,
    },
    varying: [
      [/\S*weir-guide-\w+\//g, ''],
      // A minute may begin while the guide is run.
      [/has not run yet|last NOW \w+, \S+/g, 'LAST'],
    ],
    close: async () => {
      await weir.close();
      await temporalServer.stop();
    },
  };
};
