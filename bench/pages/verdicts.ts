import { randomUUID } from 'node:crypto';
import { until } from '../../infra/local/until.ts';
import type { Guarded } from './repository.ts';
import type { Measured } from './rows.ts';
import { incidentOpenedAt, type PagesSite } from './site.ts';

/** Runs side by side: two gates of different cause are seldom held within one second. */
const WIDTH = 2;

/** Gates that do not count: modules are compiled, plans made, connections opened. */
export const WARM_UP = 4;

/**
 * Lets each model's input gate hold a bad file in a run of its own, and takes the seconds from the verdict, by the
 * database's clock, until the incident was opened, by the stand-in's, which is the same machine's.
 */
export async function measureVerdicts(
  site: PagesSite,
  models: readonly Guarded[],
  measured: Measured,
  onProgress: (line: string) => void,
): Promise<void> {
  const waiting = [...models.entries()];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, model] = next;
      const seconds = await heldGate(site, model);
      if (at >= WARM_UP) measured.verdicts.push(seconds);
      if (at % 20 === 19) onProgress(`${at + 1} gates held, the last paged after ${seconds.toFixed(2)} s`);
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, lane));
}

async function heldGate(site: PagesSite, model: Guarded): Promise<number> {
  await site.landBad(model);
  const run = await site.client.workflow.start('hourlyIncrementalLoad', {
    taskQueue: site.taskQueue,
    workflowId: `bench-pages-${randomUUID()}`,
    args: [{ models: [model.model] }],
  });
  const opened = await until(() => incidentOpenedAt(site, model.model), {
    what: `the incident of ${model.model} is open`,
    timeoutMs: 60_000,
    everyMs: 300,
  });
  const verdict = await site.admin
    .selectFrom('control.gate_run')
    .select('evaluated_at')
    .where('model', '=', model.model)
    .orderBy('evaluation_id')
    .executeTakeFirstOrThrow();
  // What is held looks for news all the time; nobody waits for this one any more.
  await run.terminate('measured');
  return (opened - verdict.evaluated_at.getTime()) / 1000;
}
