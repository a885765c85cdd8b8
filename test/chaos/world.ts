import { setTimeout as pause } from 'node:timers/promises';
import type { RunRef } from '../../activities/run-ref.ts';
import type { LossyWay } from '../activities/lost-answer.ts';
import type { Random } from '../invariants/random.ts';
import type { ChaosOptions } from './options.ts';
import type { Counts } from './kinds.ts';
import type { Question, StationFailure, StationName } from './loader.ts';
import { StationFailed } from './loaders.ts';
import type { Loader, StationInput, StationResult } from './loaders.ts';
import type { Site } from './site.ts';
import type { Watched } from './watch.ts';

/** What all parts of a run of the test share. */
export interface World {
  readonly options: ChaosOptions;
  readonly site: Site;
  readonly way: LossyWay;
  readonly counts: Counts;
  /** Replaced one by one as they are killed. */
  readonly loaders: Loader[];
  readonly runs: Runs;
  /** Whoever wants to strike at a station waits here for its next call. */
  readonly strikes: Strike[];
  /** Errors that stations ended in, by type and SQLSTATE. */
  readonly failures: Map<string, number>;
  readonly watched: Watched;
  /** False once all is to come to rest. */
  disturbed: boolean;
}

/** A fault that waits for a station to be under way. */
export interface Strike {
  readonly station: StationName;
  readonly hit: (loader: Loader) => void;
}

/** Which runs there are, as Temporal would know it: the current run of each workflow that is open. */
export interface Runs {
  begin(run: RunRef): void;
  end(run: RunRef): void;
  tell(question: Question, run: RunRef): boolean;
}

export function createRuns(): Runs {
  const open = new Map<string, string>();
  return {
    begin: ({ workflowId, runId }) => void open.set(workflowId, runId),
    end: ({ workflowId }) => void open.delete(workflowId),
    tell: (question, { workflowId, runId }) =>
      question === 'isRunOpen' ? open.has(workflowId) : open.get(workflowId) === runId,
  };
}

/** Errors that Temporal would not retry either (`workflows/stations.ts`). */
const final = ['InvalidModel', 'InvalidSuite', 'InvalidInput', 'StaleAttempt', 'WatermarkForeign'];

export function isFinal({ type, nonRetryable }: StationFailure): boolean {
  return nonRetryable || final.includes(type);
}

/** How an attempt is sent. */
export interface Sending {
  /** It begins only after its time-out, and another attempt is made at once. */
  readonly lateMs: number;
  /** Which loader, by a number that is drawn. */
  readonly pick: number;
}

/**
 * Makes one attempt after another at a station until one answers, by Temporal's rules: what is retryable is tried again,
 * an attempt that timed out is given to another loader and its answer is nobody's.
 *
 * @throws StationFailed that no retry can mend.
 */
export async function attempt<Name extends StationName>(
  world: World,
  station: Name,
  input: StationInput<Name>,
  random: Random,
  goesOn: () => boolean,
): Promise<StationResult<Name>> {
  let sending: Sending = {
    lateMs: world.disturbed && random.chance(0.03) ? 200 + random.integer(2000) : 0,
    pick: random.integer(100),
  };
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await once(world, station, input, sending);
      if (answer !== 'timed out') return answer.value;
    } catch (error) {
      if (!(error instanceof StationFailed)) throw error;
      note(world, error.failure);
      if (isFinal(error.failure)) throw error;
      if (tries > 600 || !goesOn()) throw error;
      await pause(error.failure.type === 'LeaseBusy' ? 40 : Math.min(20 * tries, 200));
    }
    sending = { lateMs: 0, pick: sending.pick + 1 };
  }
}

function note({ failures, counts }: World, { type, sqlstate }: StationFailure): void {
  const name = sqlstate === null ? type : `${type} ${sqlstate}`;
  failures.set(name, (failures.get(name) ?? 0) + 1);
  if (sqlstate === '55P03') counts.lockTimeouts += 1;
  if (sqlstate === '57014') counts.statementsCancelled += 1;
}

async function once<Name extends StationName>(
  world: World,
  station: Name,
  input: StationInput<Name>,
  { lateMs, pick }: Sending,
): Promise<'timed out' | { readonly value: StationResult<Name> }> {
  const loader = await chooseLoader(world, pick);
  const timedOut = loader.timedOut();
  const answered = loader.call(station, input, lateMs);
  if (lateMs > 0) {
    world.counts.lateAttempts += 1;
    answered.catch((error: unknown) => error instanceof StationFailed && note(world, error.failure));
    return 'timed out';
  }
  strikeAt(world, station, loader);
  const first = await Promise.race([
    answered.then((value) => ({ value })),
    timedOut.then(() => 'timed out' as const),
  ]);
  if (first === 'timed out') answered.catch(() => undefined);
  return first;
}

/** One that is alive and polls. */
async function chooseLoader({ loaders }: World, pick: number): Promise<Loader> {
  for (;;) {
    const awake = loaders.filter((loader) => loader.alive() && !loader.frozen());
    const chosen = awake[pick % Math.max(awake.length, 1)];
    if (chosen !== undefined) return chosen;
    await pause(20);
  }
}

function strikeAt({ strikes }: World, station: StationName, loader: Loader): void {
  const index = strikes.findIndex((strike) => strike.station === station);
  if (index < 0) return;
  const [strike] = strikes.splice(index, 1);
  strike?.hit(loader);
}
