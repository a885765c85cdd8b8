import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ownTemporal } from '../setup/temporal.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { workerProcesses } from '../setup/worker-process.ts';

/** What a guide's commands are run against, with the settings that lead there. */
export interface GuidedWeir {
  readonly weir: TestWeir;
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

/**
 * A Temporal server, a database and a worker of a guide's own. The worker is a process of its own, because the guide's
 * commands stand still here until they have an answer.
 */
export async function guidedWeir(): Promise<GuidedWeir> {
  const temporalServer = await ownTemporal();
  const weir = await testWeir({ worker: false, temporalServer });
  const workers = workerProcesses();
  await workers.spawn(weir);
  const caFile = path.join(mkdtempSync(path.join(tmpdir(), 'weir-guide-ca-')), 'ca.pem');
  writeFileSync(caFile, weir.standIn.ca);
  return {
    weir,
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
    close: async () => {
      await workers.stopAll();
      await weir.close();
      await temporalServer.stop();
    },
  };
}
