import { setTimeout as pause } from 'node:timers/promises';
import { seeded } from '../invariants/random.ts';
import { runOnce } from './lanes.ts';
import type { Plans } from './lanes.ts';
import type { World } from './world.ts';

const rounds = 40;

/**
 * Loads until there is nothing left to load, without faults: two rounds in a row in which every hourly model finds an
 * empty window.
 *
 * @returns a sentence; null when all came to rest.
 */
export async function settle(world: World, { hourly, daily }: Plans): Promise<string | null> {
  for (const loader of world.loaders) if (loader.frozen()) loader.wake();
  await idle(world);
  let quiet = 0;
  for (let round = 0; round < rounds; round += 1) {
    const states: string[] = [];
    for (const plan of [daily, hourly]) {
      const run = { workflowId: `settle-${plan.pipeline}-${round}`, runId: 'only' };
      const outcomes = await runOnce(world, plan, run, seeded(round), { endsAt: null, interval: null });
      world.runs.end(run);
      if (plan === hourly) states.push(...(outcomes?.values() ?? ['ended']));
    }
    quiet = states.every((state) => state === 'empty') ? quiet + 1 : 0;
    if (quiet === 2) return null;
    if (round > 2) await pause(100);
  }
  return `after ${rounds} rounds of loads the windows were still not empty`;
}

/** What was given up may still be under way in its loader. */
async function idle({ loaders }: World): Promise<void> {
  for (let waited = 0; waited < 10_000 && loaders.some((loader) => loader.busy() > 0); waited += 50)
    await pause(50);
}
