import { environmentOf } from '../setup/say-of.ts';
import { ownTemporal } from '../setup/temporal.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { workerProcesses, type WorkerProcess } from '../setup/worker-process.ts';

/** What a guide's commands are run against, with the settings that lead there. */
export interface GuidedWeir {
  readonly weir: TestWeir;
  readonly worker: WorkerProcess;
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

/**
 * A Temporal server, a database and a worker of a guide's own. The worker is a process of its own, because the guide's
 * commands stand still here until they have an answer.
 *
 * @param more settings of the worker beside those of every test.
 */
export async function guidedWeir(more: NodeJS.ProcessEnv = {}): Promise<GuidedWeir> {
  const temporalServer = await ownTemporal();
  const weir = await testWeir({ worker: false, temporalServer });
  const workers = workerProcesses();
  const worker = await workers.spawn(weir, more);
  return {
    weir,
    worker,
    env: await environmentOf(weir),
    close: async () => {
      await workers.stopAll();
      await weir.close();
      await temporalServer.stop();
    },
  };
}
