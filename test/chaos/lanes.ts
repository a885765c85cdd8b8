import { setTimeout as pause } from 'node:timers/promises';
import { readValidGraph } from '../../activities/published-model.ts';
import type { RepositoryFolders } from '../../activities/repository.ts';
import type { RunRef } from '../../activities/run-ref.ts';
import { planPipeline } from '../../models/plan.ts';
import type { Plan } from '../../models/plan.ts';
import type { Random } from '../invariants/random.ts';
import { RunEnded } from './call.ts';
import type { Walk } from './call.ts';
import { walkPlan } from './walk.ts';
import type { Outcome } from './walk.ts';
import type { World } from './world.ts';

/** What runs of the two pipelines do. */
export interface Plans {
  readonly hourly: Plan;
  readonly daily: Plan;
}

export async function readPlans(folders: RepositoryFolders): Promise<Plans> {
  const graph = await readValidGraph(folders);
  const plan = (pipeline: 'hourly' | 'daily'): Plan => ({
    ...planPipeline(graph, { pipeline }),
    planHash: '',
    incidentOpen: false,
  });
  return { hourly: plan('hourly'), daily: plan('daily') };
}

/** How a run goes: to its end, through days by event time, or until it is reset or ended from outside. */
const fates = ['on', 'backfill', 'reset', 'end'] as const;
const mostlyOn = [...fates, ...fates, ...Array.from({ length: 16 }, () => 'on' as const)];

/** Starts run after run of a pipeline; how each goes is dealt from a deck, so that every fate comes early and again. */
export async function runLane(
  world: World,
  stopped: () => boolean,
  plan: Plan,
  name: string,
  random: Random,
): Promise<void> {
  const { counts } = world;
  let deck: (typeof fates)[number][] = [...fates];
  for (let number = 0; !stopped(); number += 1) {
    if (deck.length === 0) deck = [...mostlyOn];
    const [fate] = deck.splice(random.integer(deck.length), 1);
    const workflowId = `${name}-${number}`;
    const backfills = fate === 'backfill' && plan.pipeline === 'hourly';
    const interval = backfills ? someDays(random) : null;
    const drawn = 1 + random.integer(12);
    const endsAt = fate === 'reset' || fate === 'end' ? drawn : null;
    const ended = await runOnce(world, plan, { workflowId, runId: `${workflowId}-0` }, random, {
      endsAt,
      interval,
    });
    if (ended !== null && interval !== null) counts.backfills += 1;
    if (ended === null && fate === 'reset') {
      counts.runsReset += 1;
      await runOnce(world, plan, { workflowId, runId: `${workflowId}-1` }, random, {
        endsAt: null,
        interval: null,
      });
    } else if (ended === null) {
      counts.runsGivenUp += 1;
    }
    world.runs.end({ workflowId, runId: '' });
    await pause(random.integer(80));
  }
}

/** @returns null where the run was ended from outside. */
export async function runOnce(
  world: World,
  plan: Plan,
  run: RunRef,
  random: Random,
  { endsAt, interval }: Pick<Walk, 'endsAt' | 'interval'>,
): Promise<ReadonlyMap<string, Outcome> | null> {
  world.runs.begin(run);
  try {
    // Histories go forward only: each run judges by its own start, later than that of those before it.
    const asOf = new Date().toISOString();
    return await walkPlan({ world, run, asOf, interval, random, endsAt, calls: 0, ended: false }, plan);
  } catch (error) {
    if (error instanceof RunEnded) return null;
    throw error;
  }
}

function someDays(random: Random): { readonly start: string; readonly end: string } {
  const day = 1 + random.integer(5);
  return {
    start: `2017-01-0${day}T00:00:00.000Z`,
    end: `2017-01-0${day + 1 + random.integer(2)}T00:00:00.000Z`,
  };
}
