import type { Interval } from '../../activities/choose-window.ts';
import type { RunRef } from '../../activities/run-ref.ts';
import type { Random } from '../invariants/random.ts';
import type { StationName } from './loader.ts';
import type { StationInput, StationResult } from './loaders.ts';
import { attempt } from './world.ts';
import type { World } from './world.ts';

/** The run was ended or reset from outside; what it had under way goes on in its loader. */
export class RunEnded extends Error {}

/** One run of a pipeline: the same story as `workflows/pipeline.ts` tells, without Temporal. */
export interface Walk {
  readonly world: World;
  readonly run: RunRef;
  readonly asOf: string;
  readonly interval: Interval | null;
  readonly random: Random;
  /** At which of its station calls it is ended from outside; null: it goes on to its end. */
  readonly endsAt: number | null;
  calls: number;
  ended: boolean;
}

/** Calls a station for a run. @throws RunEnded when the run is no more, even while the station is under way. */
export async function call<Name extends StationName>(
  walk: Walk,
  station: Name,
  input: StationInput<Name>,
): Promise<StationResult<Name>> {
  if (walk.ended) throw new RunEnded();
  walk.calls += 1;
  const answer = attempt(walk.world, station, input, walk.random, () => !walk.ended);
  if (walk.endsAt === walk.calls) {
    walk.ended = true;
    answer.catch(() => undefined);
    throw new RunEnded();
  }
  const value = await answer;
  // Another branch of the run may have met its end meanwhile.
  if (walk.ended) throw new RunEnded();
  return value;
}
