import type { Graph } from '../../models/graph.ts';
import type { Database, DatabaseTransaction } from '../databases.ts';
import type { SampleDeps } from '../sample.ts';
import { judgeSlots, pipelinesOf, readLateSlots, type LateSlots } from './availability.ts';
import { readBrokenSince } from './broken-since.ts';
import { windowsOf } from './burn.ts';
import { readLateFacts } from './late-facts.ts';
import { isNotRun, lateStations, type LateStation } from './late-station.ts';
import { AVAILABILITY, FRESHNESS_BURN } from './objectives.ts';
import { pausedSchedules } from './paused.ts';
import { readRhythms, type Rhythm } from './rhythm.ts';
import { keepSamples, readAges, type Ages } from './samples.ts';
import { countSamples, countSlots, type Counts } from './window-counts.ts';

/** Everything that a round has measured. */
export interface Measured {
  readonly graph: Graph;
  readonly now: Date;
  readonly ages: Ages;
  readonly stations: ReadonlyMap<string, LateStation>;
  readonly pipelines: ReturnType<typeof pipelinesOf>;
  readonly lateSlots: ReadonlyMap<string, LateSlots>;
  readonly samples: Counts;
  readonly brokenSince: ReadonlyMap<string, Date>;
  readonly slots: Counts;
  readonly rhythms: readonly Rhythm[];
}

/** Measures everything, and keeps the samples and what became due. @param at ISO 8601; null: now. */
export async function measure(
  trx: DatabaseTransaction,
  deps: SampleDeps,
  graph: Graph,
  at: string | null,
): Promise<Measured> {
  const ages = await readAges(trx, graph, at);
  const { now } = ages;
  const stations = await findStations(trx, deps, graph, ages, now);
  await keepSamples(trx, ages, new Map([...stations].map(([name, { station }]) => [name, station])));
  const pipelines = pipelinesOf(graph);
  if (deps.schedules !== undefined)
    for (const pipeline of pipelines) await judgeSlots(trx, graph, pipeline, deps.schedules, now);
  const names = ages.ages.map(({ model }) => model.name);
  return {
    graph,
    now,
    ages,
    stations,
    pipelines,
    lateSlots: await readLateSlots(trx, pipelines),
    samples: await countSamples(trx, names, windowsOf(FRESHNESS_BURN), ages.minute),
    brokenSince: await readBrokenSince(trx, names, ages.minute),
    slots: await countSlots(
      trx,
      pipelines,
      windowsOf(pipelines.flatMap((pipeline) => AVAILABILITY[pipeline].burn)),
      now,
    ),
    rhythms: await readRhythms(trx, graph, now),
  };
}

async function findStations(
  db: Database,
  { client }: SampleDeps,
  graph: Graph,
  { ages }: Ages,
  now: Date,
): Promise<ReadonlyMap<string, LateStation>> {
  const late = ages.filter(({ isGood }) => !isGood).map(({ model }) => model);
  if (late.length === 0) return new Map();
  const facts = await readLateFacts(db, graph, late);
  const unrun = late.filter((model) => {
    const known = facts.get(model.name);
    return known !== undefined && isNotRun(model, known, now);
  });
  const paused = await pausedSchedules(client, [...new Set(unrun.map(({ schedule }) => schedule))]);
  return lateStations(graph, late, facts, now, (pipeline) => paused.get(pipeline) ?? null);
}
