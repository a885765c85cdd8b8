import { deltasOf } from './deltas.ts';
import { GRAIN_MS } from './grain.ts';
import type { Graph } from './graph.ts';
import { isPublished, isSource } from './model.ts';
import type { PublishedModel } from './model.ts';

/** What of a model is slowest: its own schedule, or that of what brings it rows. */
interface Pace {
  readonly seconds: number;
  /** `it is loaded hourly`, `silver.x, which brings it rows, is loaded hourly`. */
  readonly because: string;
}

/**
 * Why a freshness objective can never be met: rows are at their oldest right before the next load has published, so a
 * model is as old as its schedule is long and a load usually takes, each time.
 *
 * @param usualSeconds what its latest loads took in the middle; null where the ledger has none, and the schedule alone counts
 * @returns one refusal with file, line, the numbers and the mend; null where the objective can be met, or there is none
 */
export function objectiveTooShort(
  model: PublishedModel,
  graph: Graph,
  usualSeconds: number | null,
): string | null {
  if (model.freshness === null) return null;
  const { objectiveSeconds } = model.freshness;
  const pace = paceOf(model, graph);
  const least = pace.seconds + (usualSeconds ?? 0);
  if (objectiveSeconds >= least) return null;
  const takes =
    usualSeconds === null
      ? 'no load of it is in the ledger yet'
      : `its loads usually take ${Math.ceil(usualSeconds)} s`;
  const quicker =
    pace.seconds === GRAIN_MS.minute / 1000
      ? ''
      : ', or load it more often (schedule: minute is the quickest)';
  return (
    `${model.file}:${model.lines.freshness}: a freshness objective of ${minutes(objectiveSeconds)}, and ${pace.because}; ${takes}: ` +
    `it would be missed every time. Say at least ${minutes(least)}${quicker}.`
  );
}

/**
 * The schedule that bounds how fresh a model can be: its own, or where everything that brings it rows comes more rarely,
 * that. Sources of a model of a minute are extracted each minute, whatever they say themselves.
 */
function paceOf(model: PublishedModel, graph: Graph): Pace {
  const own = { seconds: GRAIN_MS[model.schedule] / 1000, because: `it is loaded ${words[model.schedule]}` };
  const deltas = deltasOf(model.shape).flatMap((name) => deltaPace(model, graph, name));
  const [quickest] = deltas.toSorted((one, other) => one.seconds - other.seconds);
  return quickest !== undefined && quickest.seconds > own.seconds ? quickest : own;
}

function deltaPace(reader: PublishedModel, graph: Graph, name: string): readonly Pace[] {
  const found = graph.byName.get(name);
  if (found === undefined) return [];
  if (isPublished(found))
    return [{ ...paceOf(found, graph), because: brings(found.relation, found.schedule) }];
  if (!isSource(found) || reader.schedule === 'minute') return [];
  return [{ seconds: GRAIN_MS[found.schedule] / 1000, because: brings(found.relation, found.schedule) }];
}

const words = { minute: 'each minute', hourly: 'hourly', daily: 'daily' } as const;

function brings(relation: string, schedule: PublishedModel['schedule']): string {
  return `${relation}, which brings it rows, is loaded ${words[schedule]}`;
}

function minutes(seconds: number): string {
  const whole = Math.ceil(seconds / 60);
  return `${whole} ${whole === 1 ? 'minute' : 'minutes'}`;
}
