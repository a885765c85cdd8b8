import { ApplicationFailure } from '@temporalio/workflow';
import type { AlarmPage } from '../../activities/page/page-input.ts';

/** What the monitor is started with. Every field is optional. */
export interface MonitorInput {
  /** Milliseconds between two rounds, for tests that cannot wait for minutes. Left out: every minute, as it has begun. */
  readonly everyMs?: number;
  /** What the clock of the first round shows, ISO 8601; each round is a minute later. For tests. Left out: now. */
  readonly from?: string;
  /** Rounds until it goes on as a new run, so that its history stays short. */
  readonly roundsPerRun?: number;
  /** What the run before handed on. */
  readonly carried?: Carried;
}

/** What the next run of the monitor has to know. */
export interface Carried {
  readonly round: number;
  /** Numbers of pages that on-call was told and whose station has not heard of it, by station. */
  readonly told: Readonly<Record<'sample' | 'watch', readonly number[]>>;
  readonly unreachable: Unreachable;
  /** Pages of no station that were not taken yet, in their order; left out where there are none. */
  readonly atOnce?: readonly AlarmPage[];
}

/** Since when Postgres does not answer. */
export interface Unreachable {
  readonly rounds: number;
  /** ISO 8601; null: it answers. */
  readonly since: string | null;
  /** On-call knows; null where the run before was ended and nobody can say. */
  readonly paged: boolean | null;
}

/** An hour's rounds are some 1,400 events, well below where Temporal suggests a new run (4,096). */
const ROUNDS_PER_RUN = 60;

const FIELDS: readonly string[] = ['everyMs', 'from', 'roundsPerRun', 'carried'];

/** @throws ApplicationFailure `InvalidInput` (final), saying what was expected. */
export function readMonitorInput(input: MonitorInput | null | undefined) {
  if (input !== undefined && input !== null && (typeof input !== 'object' || Array.isArray(input)))
    throw invalid('the input is no object', 'give {} or nothing');
  const given = input ?? {};
  const unknown = Object.keys(given).filter((name) => !FIELDS.includes(name));
  if (unknown.length > 0) throw invalid(`unknown field ${unknown.join(', ')}`, 'give {} or nothing');
  const { everyMs = null, from = null, roundsPerRun = ROUNDS_PER_RUN, carried = NOTHING_YET } = given;
  if (everyMs !== null && !(everyMs >= 1))
    throw invalid(`everyMs is ${everyMs}`, 'give milliseconds, from 1');
  if (!(roundsPerRun >= 1 && roundsPerRun <= 1000))
    throw invalid(`roundsPerRun is ${roundsPerRun}`, 'give 1 to 1000');
  return { everyMs, from, roundsPerRun, carried };
}

const NOTHING_YET: Carried = {
  round: 0,
  told: { sample: [], watch: [] },
  unreachable: { rounds: 0, since: null, paged: false },
};

function invalid(problem: string, mend: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `The input of the monitor cannot be used: ${problem}; ${mend}.`,
    'InvalidInput',
  );
}
