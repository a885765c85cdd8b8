import type { ColumnType, Generated } from 'kysely';
import type { DefaultedTimestamp, Json, Timestamp } from './column-types.ts';

/** One evaluation of a gate. */
export interface GateRunTable {
  evaluation_id: Generated<number>;
  verdict_id: string;
  load_id: number | null;
  model: string;
  gate: 'input' | 'output';
  suite: string;
  suite_hash: string;
  outcome: 'pass' | 'warn' | 'fail' | 'error';
  rows_checked: number | null;
  expectations_evaluated: number;
  expectations_failed: number;
  /** Null where an earlier version judged, which held what failed. */
  blocks: boolean | null;
  /** Of the stage whose candidate an output gate has seen; null where an earlier version judged. */
  attempt: number | null;
  /** What had changed when the gate was looked at again by itself; null where the walk came to it or a person decided. */
  looked_because: ColumnType<string | null, string | null | undefined, string | null>;
  /** The promises that did not hold, without values; null where an earlier version judged. */
  broken: ColumnType<
    readonly string[] | null,
    readonly string[] | null | undefined,
    readonly string[] | null
  >;
  /** Why it could not be checked, without values; null where it could, or an earlier version judged. */
  reason: ColumnType<string | null, string | null | undefined, string | null>;
  as_of: Timestamp;
  workflow_id: string;
  run_id: string;
  evaluated_at: DefaultedTimestamp;
}

/** The full results of an evaluation, values included. Few may read them, and they expire. */
export interface GateResultTable {
  evaluation_id: number;
  result: Json;
  parameters: Json;
  /** The SQL that lists failing rows, by place in the suite, and the settings it reads under. */
  queries: ColumnType<unknown, string | undefined, string>;
  expires_at: DefaultedTimestamp;
}

/** A count or share that an evaluation came to: gates learn from it. */
export interface GateFigureTable {
  evaluation_id: number;
  name: string;
  figure: number;
  load_id: number;
  model: string;
  gate: 'input' | 'output';
  /** The hour that the load is about, UTC. */
  slot: Timestamp;
}

/** What a person decided about a held gate. Append-only. */
export interface DecisionTable {
  decision_id: Generated<number>;
  verdict_id: string;
  decision: 'retryGate' | 'reloadAndRetry' | 'overrideGate' | 'quarantineAndContinue' | 'abandon';
  reason: string;
  decided_by: string;
  model: string;
  load_id: number | null;
  workflow_id: string;
  run_id: string;
  decided_at: DefaultedTimestamp;
}

/** The incident of a dedup key: whether it is open, and what it has come to since it was opened. */
export interface IncidentTable {
  dedup_key: string;
  state: 'open' | 'resolved';
  kind: string;
  model: string | null;
  suite: string | null;
  /** The verdict that opened it. */
  verdict_id: string | null;
  /** The run that opened it. */
  workflow_id: string;
  run_id: ColumnType<string | null, string | null | undefined, string | null>;
  pipeline: ColumnType<string | null, string | null | undefined, string | null>;
  opened_at: DefaultedTimestamp;
  first_failed_at: DefaultedTimestamp;
  resolved_at: Date | null;
  /** How often it has been opened. */
  opening: Generated<number>;
  /** Since it was opened. */
  failures: Generated<number>;
  last_failed_at: DefaultedTimestamp;
  last_verdict_id: ColumnType<string | null, string | null | undefined, string | null>;
  last_workflow_id: ColumnType<string | null, string | null | undefined, string | null>;
  last_run_id: ColumnType<string | null, string | null | undefined, string | null>;
  severity: Generated<'critical' | 'error' | 'warning' | 'info'>;
  owner: ColumnType<string | null, string | null | undefined, string | null>;
  tier: ColumnType<1 | 2 | 3 | null, 1 | 2 | 3 | null | undefined, 1 | 2 | 3 | null>;
  /** The model or source that it is about. */
  relation: ColumnType<string | null, string | null | undefined, string | null>;
  /** The deltas which that one reads. */
  reads: Generated<readonly string[]>;
  /** Since when its own promise holds, while other members of its storm are broken; null where it does not hold. */
  good_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** The dedup key of the incident whose page tells of it; null where it has its own. */
  member_of: ColumnType<string | null, string | null | undefined, string | null>;
  /** The relation that it shares with that one. */
  shares: ColumnType<string | null, string | null | undefined, string | null>;
  /** Of a failed backfill `{start, end, models}`: what a good one has to cover to resolve it. */
  scope: ColumnType<unknown, string | null | undefined, string | null>;
  summary: ColumnType<string | null, string | null | undefined, string | null>;
  /** The event that speaks of it alone, as it was last. */
  told: ColumnType<unknown, string | null | undefined, string | null>;
}

/** One failure of an incident. Kept some days after a load that answers for it passed. */
export interface IncidentFailureTable {
  dedup_key: string;
  /** Same occasion, same text: what is told twice counts once. */
  occasion: string;
  load_id: number | null;
  failed_at: DefaultedTimestamp;
  cleared_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}
