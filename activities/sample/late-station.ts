import { GRAIN_MS } from '../../models/grain.ts';
import type { Graph } from '../../models/graph.ts';
import type { PublishedModel } from '../../models/model.ts';
import type { RunRef } from '../run-ref.ts';
import { readDirectly, type LateFacts } from './late-facts.ts';

/** Where on their way the rows of a model are that readers wait for. */
export type StationName =
  | 'source silent'
  | 'nothing to say'
  | 'extract'
  | 'gate held'
  | 'stage or publish'
  | 'schedule paused'
  | 'nobody runs it';

/** Which station is late, and what is known of it. */
export interface LateStation {
  readonly station: StationName;
  /** `gate held: stg_transactions, since 2017-01-30 08:06 UTC`. */
  readonly words: string;
  /** The run that has it. */
  readonly run: RunRef | null;
}

/** What is under way for less than that is as it should be, and says nothing of why a model is old. */
const UNDER_WAY_MS = 2 * 60_000;

/** How long after the time for it a pipeline may open its first load. */
const STARTED_LATE_MS = 15 * 60_000;

/**
 * Says where the rows of late models are, by what the control tables know. Where all of a model's own loads did what they
 * should, what it reads is late, and its station is said.
 *
 * @param late in the graph's order
 * @param isPaused whether a pipeline's schedule is paused; null where nobody knows.
 */
export function lateStations(
  graph: Graph,
  late: readonly PublishedModel[],
  facts: ReadonlyMap<string, LateFacts>,
  now: Date,
  isPaused: (pipeline: PublishedModel['schedule']) => boolean | null,
): ReadonlyMap<string, LateStation> {
  const stations = new Map<string, LateStation>();
  for (const model of late) {
    const known = facts.get(model.name);
    if (known === undefined) continue;
    const above = readDirectly(graph, model).flatMap(({ name }) => stations.get(name) ?? []);
    stations.set(model.name, stationOf(model, known, now, above[0] ?? null, isPaused));
  }
  return stations;
}

/** Whether a pipeline has opened nothing for longer than its schedule allows. */
export function isNotRun({ schedule }: PublishedModel, { pipelineOpenedAt }: LateFacts, now: Date): boolean {
  const grain = GRAIN_MS[schedule];
  const slack = Math.min(STARTED_LATE_MS, 2 * grain);
  return pipelineOpenedAt === null || now.getTime() - pipelineOpenedAt.getTime() > grain + slack;
}

function stationOf(
  model: PublishedModel,
  facts: LateFacts,
  now: Date,
  above: LateStation | null,
  isPaused: (pipeline: PublishedModel['schedule']) => boolean | null,
): LateStation {
  const { held, running, last, drifted } = facts;
  if (held !== null)
    return {
      station: 'gate held',
      words: `gate held: ${held.model}, since ${timeText(held.since)}`,
      run: held.run,
    };
  if (drifted !== null)
    return {
      station: 'extract',
      words: `extract: ${drifted} is not what its header says`,
      run: last?.run ?? null,
    };
  if (running !== null && now.getTime() - running.since.getTime() > UNDER_WAY_MS)
    return {
      station: 'stage or publish',
      words: `stage or publish: under way since ${timeText(running.since)}`,
      run: running.run,
    };
  if (isNotRun(model, facts, now)) return notRun(model, facts, isPaused);
  return loadStation(model, facts, above);
}

function notRun(
  { schedule }: PublishedModel,
  { pipelineOpenedAt, last }: LateFacts,
  isPaused: (pipeline: PublishedModel['schedule']) => boolean | null,
): LateStation {
  const paused = isPaused(schedule) === true;
  const since = pipelineOpenedAt === null ? 'yet' : `since ${timeText(pipelineOpenedAt)}`;
  const station = paused ? 'schedule paused' : 'nobody runs it';
  return {
    station,
    words: `${station}: the ${schedule} pipeline has opened no load ${since}`,
    run: last?.run ?? null,
  };
}

/** Its pipeline runs and nothing holds it: what its own last load says. */
function loadStation(
  { schedule }: PublishedModel,
  { last, pipelineOpenedAt, quiet }: LateFacts,
  above: LateStation | null,
): LateStation {
  const run = last?.run ?? null;
  if (last?.state === 'abandoned')
    return {
      station: 'stage or publish',
      words: `stage or publish: its load of ${timeText(last.openedAt)} was abandoned`,
      run,
    };
  if (above !== null) return above;
  const behind = (pipelineOpenedAt?.getTime() ?? 0) - (last?.openedAt.getTime() ?? 0);
  if (last === null || behind > GRAIN_MS[schedule])
    return {
      station: 'extract',
      words: `extract: the ${schedule} pipeline runs, and has opened no load of it ${last === null ? 'yet' : `since ${timeText(last.openedAt)}`}`,
      run,
    };
  if (last.state === 'empty')
    return {
      station: 'source silent',
      words:
        quiet === null
          ? 'source silent: its loads find nothing new'
          : `source silent: ${quiet.source} has brought nothing since ${timeText(quiet.since)}`,
      run,
    };
  return {
    station: 'stage or publish',
    words: `stage or publish: its last load began ${timeText(last.openedAt)}`,
    run,
  };
}

/** `2017-01-30 08:06 UTC`. */
export function timeText(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
