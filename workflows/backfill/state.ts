import type { HeldInterval } from '../../activities/backfill.ts';
import type { Survey } from '../../activities/backfill/survey.ts';

/** An interval whose load did not come to a good end. Intervals are named by where they begin, ISO 8601 UTC. */
export interface FailedInterval {
  readonly start: string;
  /** Free of values. */
  readonly reason: string;
  /** Whether a gate held it until nobody had decided in time, or somebody gave it up. */
  readonly gate: boolean;
  /** Whether somebody cancelled or terminated its run. */
  readonly byHand?: boolean;
}

/** Somebody said to begin nothing more for now. */
export interface Paused {
  readonly by: string;
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly since: number;
}

/**
 * Where a backfill stands. Plain JSON, because it goes on anew every few hundred intervals and takes all of it along.
 * Times are epoch milliseconds by the workflow's clock.
 */
export interface BackfillState {
  readonly startedAt: number;
  /** So many intervals are begun before the backfill goes on anew. */
  readonly aRun: number;
  survey: Survey | null;
  /** The last interval that was handed out of the ledger. */
  cursor: string | null;
  /** Whether there may be more to load behind it. */
  more: boolean;
  /** Handed out and not begun. */
  queue: string[];
  /** Begun and not ended, with the time of its beginning. */
  live: Record<string, number>;
  done: number;
  skipped: number;
  failures: number;
  /** The first of them: who mends the first has often mended all. */
  failed: FailedInterval[];
  width: number;
  paused: Paused | null;
  /** When the last intervals ended, for the rate. */
  ends: number[];
  /** What is held at a gate, as it was looked at last. */
  held: HeldInterval[];
  /** Whether on-call has been told that an interval failed. */
  paged?: boolean;
  /** Who changed what on the way. */
  steered: string[];
}

/** A history of some 3,000 events: Temporal suggests to go on anew at 4,096. */
const INTERVALS_A_RUN = 400;

/** A backfill that has just begun. */
export function freshState(width: number, now: number, aRun = INTERVALS_A_RUN): BackfillState {
  return {
    startedAt: now,
    aRun,
    survey: null,
    cursor: null,
    more: true,
    queue: [],
    live: {},
    done: 0,
    skipped: 0,
    failures: 0,
    failed: [],
    width,
    paused: null,
    ends: [],
    held: [],
    steered: [],
  };
}
