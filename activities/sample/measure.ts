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
import { quietModels } from './quiet.ts';
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
  const read = await readAges(trx, graph, at);
  const { now } = read;
  const { ages, stations } = await findStations(trx, deps, graph, read);
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

/** Where the rows of models are that are too old, and which of these are so because there was nothing to say. */
async function findStations(
  db: Database,
  { client }: SampleDeps,
  graph: Graph,
  read: Ages,
): Promise<Pick<Measured, 'ages' | 'stations'>> {
  const { now } = read;
  const late = read.ages.filter(({ isGood }) => !isGood);
  if (late.length === 0) return { ages: read, stations: new Map() };
  const models = late.map(({ model }) => model);
  const facts = await readLateFacts(db, graph, models);
  const unrun = models.filter((model) => {
    const known = facts.get(model.name);
    return known !== undefined && isNotRun(model, known, now);
  });
  const paused = await pausedSchedules(client, [...new Set(unrun.map(({ schedule }) => schedule))]);
  const stations = lateStations(graph, models, facts, now, (pipeline) => paused.get(pipeline) ?? null);
  const unfed = late.filter(({ model: { name }, objectiveSeconds }) => {
    const looked = facts.get(name)?.last?.openedAt.getTime() ?? 0;
    return (
      stations.get(name)?.station === 'source silent' && now.getTime() - looked <= objectiveSeconds * 1000
    );
  });
  const asked = unfed.map(({ model, ageSeconds }) => ({ model: model.name, ageSeconds }));
  const quiet = await quietModels(db, graph, asked, now);
  return {
    ages: {
      ...read,
      ages: read.ages.map((age) => (quiet.has(age.model.name) ? { ...age, isGood: true } : age)),
    },
    stations: new Map([...stations].map(([name, one]) => [name, quiet.has(name) ? NOTHING_TO_SAY : one])),
  };
}

const NOTHING_TO_SAY: LateStation = {
  station: 'nothing to say',
  words: 'nothing to say: nothing has arrived, as usual at this time of the week',
  run: null,
};
