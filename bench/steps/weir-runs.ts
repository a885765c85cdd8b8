import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { tenSteps } from './repository.ts';
import type { Chain } from './repository.ts';
import type { Site } from './site.ts';

/** A file is whole when nobody has written to it for so long: no run should wait for that. */
const QUIET_MS = 300;

/** Rounds that are not counted: modules are compiled, plans made, caches filled. */
const WARM_UP = 3;

/** One run of ten steps at a time; the seconds of each, from its start being asked for until its result is here. */
export async function tenStepRuns(site: Site, rounds: number): Promise<readonly number[]> {
  const [chain] = site.chains;
  if (chain === undefined) throw new Error('there is no pipeline to run');
  const took: number[] = [];
  for (let round = -WARM_UP; round < rounds; round += 1) {
    await deliver(site, [chain]);
    const began = performance.now();
    const run = await walk(site, chain);
    const seconds = (performance.now() - began) / 1000;
    await mustHaveTenSteps(run);
    if (round >= 0) took.push(seconds);
  }
  return took;
}

/** Twenty runs at once, each of a pipeline of its own, as loads of one model follow each other; seconds until all have ended. */
export async function twentyRuns(site: Site, rounds: number): Promise<readonly number[]> {
  const took: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    await deliver(site, site.chains);
    const began = performance.now();
    const runs = await Promise.all(site.chains.map((chain) => walk(site, chain)));
    const seconds = (performance.now() - began) / 1000;
    for (const run of runs) await mustHaveTenSteps(run);
    if (round >= 0) took.push(seconds);
  }
  return took;
}

async function deliver(site: Site, chains: readonly Chain[]): Promise<void> {
  for (const chain of chains) await site.land(chain);
  await delay(QUIET_MS);
}

async function walk({ client, taskQueue }: Site, { models }: Chain): Promise<WorkflowHandle> {
  const run = await client.workflow.start('hourlyIncrementalLoad', {
    taskQueue,
    workflowId: `bench-steps-${randomUUID()}`,
    args: [{ models }],
  });
  await run.result();
  return run;
}

/** A run that did less than it should is no measurement. */
async function mustHaveTenSteps(run: WorkflowHandle): Promise<void> {
  const { events } = await run.fetchHistory();
  const steps = (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [],
  );
  if (steps.join() !== tenSteps.join())
    throw new Error(`${run.workflowId} did ${steps.join(', ')}, not ${tenSteps.join(', ')}`);
}
