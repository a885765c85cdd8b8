import { setTimeout as pause } from 'node:timers/promises';
import { openDatabase } from '../../workers/databases.ts';
import { lossyWay } from '../activities/lost-answer.ts';
import { seeded } from '../invariants/random.ts';
import { checkData, checkKinds, checkRun } from './checks.ts';
import type { Check } from './checks.ts';
import { injectFaults, newLoader } from './faults.ts';
import { allKinds, noCounts } from './kinds.ts';
import type { Counts } from './kinds.ts';
import { readPlans, runLane, runOnce } from './lanes.ts';
import type { Plans } from './lanes.ts';
import type { ChaosOptions } from './options.ts';
import { settle } from './settle.ts';
import { openSite } from './site.ts';
import type { Site } from './site.ts';
import { watch } from './watch.ts';
import { createRuns } from './world.ts';
import type { World } from './world.ts';
import { writeBronze } from './writers/bronze.ts';
import { writeFiles } from './writers/files.ts';
import type { DeliveredFiles } from './writers/files.ts';
import { changeStores } from './writers/stores.ts';

/** What a run of the test came to. */
export interface ChaosResult {
  readonly seconds: number;
  readonly counts: Counts;
  /** Errors that stations ended in, by type and SQLSTATE. */
  readonly failures: Readonly<Record<string, number>>;
  readonly checks: readonly Check[];
}

const loaderCount = 3;
/** How much longer than asked for a run may go on until each kind of fault was injected. */
const overtimeMs = 90_000;

/** Runs the test: a site of its own, writers, loaders and faults for as long as was asked for, then the comparison. */
export async function runChaos(options: ChaosOptions, say: (line: string) => void): Promise<ChaosResult> {
  say('starting a Postgres of its own');
  const site = await openSite(options.broken);
  const way = await lossyWay(site.url);
  const world: World = {
    options,
    site,
    way,
    counts: noCounts(),
    loaders: [],
    runs: createRuns(),
    strikes: [],
    failures: new Map(),
    watched: { looks: 0, violations: new Set() },
    disturbed: true,
  };
  try {
    const loaders = Array.from({ length: loaderCount }, () => newLoader(world));
    world.loaders.push(...(await Promise.all(loaders)));
    return await runIn(world, say);
  } finally {
    await Promise.all(world.loaders.map((loader) => loader.kill()));
    await way.close();
    await site.close();
  }
}

async function runIn(world: World, say: (line: string) => void): Promise<ChaosResult> {
  const { site, counts, failures, watched, options } = world;
  const plans = await readPlans(site.folders);
  // The dimensions first: a gate's parameter asks them.
  await runOnce(world, plans.daily, { workflowId: 'first', runId: 'only' }, seeded(0), {
    endsAt: null,
    interval: null,
  });
  const began = performance.now();
  const delivered: DeliveredFiles = new Map();
  say('writers write, loaders load, faults are injected');
  await disturb(world, plans, delivered, say);
  say('writers and faults have stopped; loading what is left');
  world.disturbed = false;
  counts.answersLost = world.way.lost();
  const unsettled = await settle(world, plans);
  say('comparing');
  const rest: Check = { what: 'the loads come to rest', problems: unsettled === null ? [] : [unsettled] };
  // A fault that was put in is to be found in the data, not in what a short run had no time for.
  const all = options.broken === null ? [checkKinds(counts, watched)] : [];
  const checks = [...all, ...checkRun(watched), rest, ...(await checkData(site.admin, delivered))];
  const seconds = Math.round((performance.now() - began) / 1000);
  return {
    seconds,
    counts,
    failures: Object.fromEntries([...failures].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    checks,
  };
}

/** Everything at once, until the time is up and each kind of fault has been. */
async function disturb(
  world: World,
  plans: Plans,
  delivered: DeliveredFiles,
  say: (line: string) => void,
): Promise<void> {
  const { site, counts, options, watched } = world;
  const random = (part: number) => seeded(options.seed * 1000 + part);
  const end = performance.now() + options.minutes * 60_000;
  const missing = () => {
    counts.answersLost = world.way.lost();
    return allKinds.filter((kind) => counts[kind] === 0);
  };
  // A fault that was put in is looked for until it shows; what shows at the end only needs loads enough.
  const enough = (): boolean => {
    if (options.broken === null) return missing().length === 0;
    return watched.violations.size > 0 || (options.broken === 'max-loaded-at' && counts.published > 40);
  };
  let over = false;
  const stopped = (): boolean => {
    const late = performance.now() - end;
    over ||= late > overtimeMs || (enough() && (late > 0 || options.broken !== null));
    return over;
  };
  const writers = openDatabase(site.url, 'chaos writers', options.writers + 2);
  const parts = [
    ...Array.from({ length: options.writers }, (_, number) =>
      writeBronze(stopped, writers, random(number), `w${number}`, counts),
    ),
    writeFiles(stopped, site.landingFolder, random(100), counts, delivered),
    keepStores(stopped, site, random(200), counts),
    ...['left', 'middle', 'right'].map((name, number) =>
      runLane(world, stopped, plans.hourly, name, random(300 + number)),
    ),
    runLane(world, stopped, plans.daily, 'daily', random(400)),
    injectFaults(world, stopped, random(500)),
    watch(stopped, site.admin, watched),
    tellProgress(stopped, world, say),
  ];
  // Where one part breaks, the others end too, and its error is told when they have.
  const ended = await Promise.allSettled(
    parts.map((part) =>
      part.catch((error: unknown) => {
        over = true;
        throw error;
      }),
    ),
  );
  await writers.destroy();
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

async function keepStores(
  stopped: () => boolean,
  { admin }: Site,
  random: ReturnType<typeof seeded>,
  counts: Counts,
): Promise<void> {
  while (!stopped()) {
    await changeStores(admin, random, counts).catch(() => undefined); // Postgres may be down.
    await pause(100 + random.integer(400));
  }
}

async function tellProgress(
  stopped: () => boolean,
  { counts, watched }: World,
  say: (line: string) => void,
): Promise<void> {
  for (let second = 1; !stopped(); second += 1) {
    await pause(1000);
    if (second % 15 === 0)
      say(
        `${counts.committed} transactions, ${counts.published} loads, ${watched.looks} looks, ${watched.violations.size} violations`,
      );
  }
}
