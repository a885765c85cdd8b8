import type { Gate, Verdict } from '../../expectations/verdict.ts';
import type { Tier } from '../../models/model.ts';
import type { Json } from '../notifiers/notifier.ts';
import type { RunRef } from '../run-ref.ts';

/** A gate holds its model: opens the gate's incident, or adds to the one that is open. */
export interface GateHeldPage {
  readonly kind: 'gateHeld';
  readonly verdict: Verdict;
  readonly model: {
    readonly name: string;
    readonly owner: string;
    /** Left out by earlier versions, as in `PlannedModel`. */
    readonly tier?: Tier;
    /** A path in the repository or an address; null: the page of this kind in `docs/runbooks`. */
    readonly runbook: string | null;
    readonly downstream: readonly string[];
  };
  readonly run: RunRef;
  /** The event of the run's history to reset to, to run only the gate again. */
  readonly resetEventId?: number;
  /** What came of setting rows aside without asking anybody, where that was tried; left out by earlier versions. */
  readonly refused?: string | null;
  /** When the hold ends and the run fails, ISO 8601 UTC. */
  readonly holdUntil: string;
}

/**
 * Something critical failed at a gate and its model goes on, as its suite says: opens the gate's incident, or adds to the
 * one that is open. The next pass resolves it.
 */
export interface GateFailedPage {
  readonly kind: 'gateFailed';
  readonly verdict: Verdict;
  readonly model: GateHeldPage['model'];
  readonly run: RunRef;
  /** Rows that were set aside; 0 where all of the batch goes on. */
  readonly quarantined: number;
}

/** A gate lets its model through: resolves the gate's incident, if one is open. */
export interface GatePassedPage {
  readonly kind: 'gatePassed';
  readonly model: string;
  readonly gate: Gate;
  readonly suite: string;
  readonly verdictId: string;
  readonly run: RunRef;
  /** Who let it through or brought it about; left out when it passed by itself. */
  readonly by?: { readonly decision: string; readonly reason: string; readonly decidedBy: string };
}

/**
 * A gate lets its model through with warnings: tells a change event, which wakes nobody. Asked for where the promises that
 * are warned of differ from those of the load before.
 */
export interface GateWarnedPage {
  readonly kind: 'gateWarned';
  readonly verdict: Verdict;
  readonly model: GateHeldPage['model'];
  readonly run: RunRef;
}

/** A person gave the batch of a held gate up: its incident stays open, and says so. */
export interface GateAbandonedPage {
  readonly kind: 'gateAbandoned';
  readonly model: string;
  readonly gate: Gate;
  readonly suite: string;
  readonly verdictId: string;
  readonly run: RunRef;
  readonly by: NonNullable<GatePassedPage['by']>;
}

/** A run failed for another reason than a gate. */
export interface RunFailedPage {
  readonly kind: 'runFailed';
  readonly pipeline: string;
  readonly run: RunRef;
  /** What went wrong, in words free of values. */
  readonly failure: string;
  /** The type that it was thrown with: `PostgresError`, `InvalidModel`; left out where it has none. */
  readonly failureType?: string;
  /** The model or source that failed; left out where none did, and by earlier versions. */
  readonly relation?: string;
  /** Of a backfill: what was to be loaded from the interval on that failed. Left out of any other run. */
  readonly scope?: BackfillScope;
}

/** A range of the past and its models, as a backfill loads it. Times ISO 8601 UTC, half-open. */
export interface BackfillScope {
  readonly start: string;
  readonly end: string;
  /** Null: all of the pipeline's. */
  readonly models: readonly string[] | null;
}

/** A run of the pipeline went through: resolves the incident of an earlier failure, if one is open. */
export interface RunSucceededPage {
  readonly kind: 'runSucceeded';
  readonly pipeline: string;
  readonly run: RunRef;
  /** Of a backfill: what it has loaded. It resolves the incidents of the backfills that failed within it, and no other. */
  readonly scope?: BackfillScope;
}

/** What somebody watches beside gates and runs; the last word of the alarm's dedup key. */
export type AlarmName =
  | 'freshness'
  | 'availability'
  | 'runEnded'
  | 'tasksFailing'
  | 'scheduleMissed'
  | 'sourceSilent'
  | 'databaseUnreachable';

/**
 * Something that is watched is not as it was promised to be, or is so again. Raised, it opens the alarm's incident or
 * counts in the one that is open; cleared, it resolves it, where one is open.
 */
export interface AlarmPage {
  readonly kind: 'alarm';
  readonly state: 'raised' | 'cleared';
  readonly alarm: AlarmName;
  /** Model, pipeline, schedule id, source or workflow id: whatever it is that is not well. */
  readonly subject: string;
  /** Same occasion, same id: what is told twice of one occasion is sent once. */
  readonly occasion: string;
  readonly severity: 'critical' | 'error' | 'warning';
  /** One line that a person can act on, at most 1,024 characters. */
  readonly summary: string;
  /** Counts, times and names; no row values. */
  readonly details: Readonly<Record<string, Json>>;
  readonly owner: string | null;
  readonly tier: Tier | null;
  /** `docs/runbooks/x.md#anchor`, or an address. */
  readonly runbook: string;
  readonly run: RunRef | null;
  /** The model or source it is about, by which it joins a storm; null where it joins none. */
  readonly relation: string | null;
  /** Dedup key of an incident that explains it: it is added to that one instead of opening its own, where that is open. */
  readonly because: string | null;
}

export type PageInput =
  | GateHeldPage
  | GateFailedPage
  | GatePassedPage
  | GateWarnedPage
  | GateAbandonedPage
  | RunFailedPage
  | RunSucceededPage
  | AlarmPage;
