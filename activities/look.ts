import { ApplicationFailure } from '@temporalio/activity';
import type { Gate } from '../expectations/verdict.ts';
import { attemptNumber } from './attempt-number.ts';
import type { Databases } from './databases.ts';
import { findGate } from './gate/find-gate.ts';
import { withHeartbeat } from './heartbeat.ts';
import { readLoad } from './load.ts';
import { lookAtParameters } from './look/parameters.ts';
import { lookAtSource } from './look/source.ts';
import { lookAtTurn } from './look/turn.ts';
import { withoutValues } from './postgres-error.ts';
import type { RepositoryFolders } from './repository.ts';
import type { RunRef } from './run-ref.ts';

export interface LookInput {
  readonly loadId: number;
  readonly model: string;
  readonly gate: Gate;
  /** The evaluation that holds the gate: what it was asked with is compared with what is now. */
  readonly evaluationId: number;
  /** Sources that the run extracts for the model. */
  readonly sources: readonly string[];
  /** What earlier looks of this hold have found delivered, as they told it: whatever cannot land is not told again. */
  readonly seen: readonly string[];
  /** How often this hold has been looked at again already. */
  readonly looks: number;
  readonly run: RunRef;
  /** Whether the run gives the model to another one that waits for it. */
  readonly yields?: boolean;
}

/** What a held gate reads is not what it was. */
export interface Looked {
  /**
   * `source`: load the batch again; `parameter`: ask the same rows again; `lease`: the model was given to another run,
   * load the batch again when its turn comes.
   */
  readonly changed: 'source' | 'parameter' | 'lease';
  /** In words and counts: `parameter min_store_id changed`. */
  readonly what: string;
  /** For the next look. */
  readonly seen: readonly string[];
}

/** How long a look waits for the next, in milliseconds: first, and at most. */
export interface LookPace {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** A mended file is seen within a minute, and soon where somebody stands beside it. */
const USUAL_PACE: LookPace = { firstMs: 15_000, mostMs: 60_000 };

/** How long a hold that gives way waits until it looks again who waits: some of those leave after a while. */
const TURN_MS = 3_000;

/** After so many looks that changed nothing about the verdict, ten times as long: what changes all the time is no news. */
const OFTEN = 20;

export interface LookDeps {
  readonly databases: Databases;
  readonly folders: RepositoryFolders;
  /** The folder that source files are delivered to, absolute. */
  readonly landingFolder: string;
  readonly look?: LookPace;
}

/**
 * Looks whether what a held gate reads has changed, and ends once it has. Until then it fails, on purpose, and Temporal
 * tries it again after a while: so a hold of half a day takes no place in a worker and leaves no events.
 */
export function createLook(deps: LookDeps) {
  return {
    /**
     * @throws ApplicationFailure `NothingChanged` (retryable, benign) while nothing has; no failure of a look is final,
     *   because nobody would look again.
     */
    look: async (input: LookInput): Promise<Looked> => {
      // Outside of an activity there is nobody who would try again.
      const attempt = attemptNumber() ?? 2;
      const { waitMs, around } = rhythm(deps.look ?? USUAL_PACE, attempt, input);
      const found = await lookOnce(deps, input, around).catch(notFinal(waitMs));
      if (found !== null) return found;
      throw again(
        'NothingChanged',
        `Nothing that the ${input.gate} gate of ${input.model} reads has changed.`,
        waitMs,
      );
    },
  };
}

async function lookOnce(deps: LookDeps, input: LookInput, around: boolean): Promise<Looked | null> {
  const { model, seen, yields = false } = input;
  const given = yields
    ? await withoutValues(`look who waits for ${model}`, () => lookAtTurn(deps.databases, input))
    : null;
  if (given !== null) return { changed: 'lease', what: given, seen };
  return around ? await lookAround(deps, input) : null;
}

async function lookAround(deps: LookDeps, input: LookInput): Promise<Looked | null> {
  return withoutValues(`look whether what ${input.model} reads has changed`, () =>
    withHeartbeat(async (signal) => {
      const place = await findGate(deps.folders, input);
      if (typeof place === 'string') return null; // The files cannot be read now: the next look reads them again.
      const load = await readLoad(deps.databases.loader, input.loadId);
      const source = await lookAtSource(deps, place, load, { ...input, signal });
      if (source.what !== null) return { changed: 'source', what: source.what, seen: source.seen };
      const what = await lookAtParameters(deps.databases, place, load, { ...input, signal });
      return what === null ? null : { changed: 'parameter', what, seen: source.seen };
    }),
  );
}

/** When the next look comes, and whether this one is at what the gate reads: it was asked a moment before the first. */
function rhythm(
  pace: LookPace,
  attempt: number,
  { looks, yields = false }: LookInput,
): { readonly waitMs: number; readonly around: boolean } {
  if (!yields) return { waitMs: nextWait(pace, attempt, looks), around: attempt > 1 };
  const waitMs = Math.min(TURN_MS, pace.firstMs);
  const turns = Math.ceil((2 * pace.firstMs) / waitMs) * (looks < OFTEN ? 1 : 10);
  return { waitMs, around: attempt % turns === 0 };
}

function nextWait({ firstMs, mostMs }: LookPace, attempt: number, looks: number): number {
  const usual = Math.min(mostMs, firstMs * 2 ** Math.min(attempt - 1, 20));
  return looks < OFTEN ? usual : usual * 10;
}

function notFinal(waitMs: number): (error: unknown) => never {
  return (error) => {
    if (error instanceof ApplicationFailure && error.nonRetryable === true)
      throw again('LookFailed', error.message, waitMs);
    throw error;
  };
}

function again(type: string, message: string, waitMs: number): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nextRetryDelay: waitMs, category: 'BENIGN' });
}
