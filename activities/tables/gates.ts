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

/** Whether the incident of a dedup key is open. */
export interface IncidentTable {
  dedup_key: string;
  state: 'open' | 'resolved';
  kind: string;
  model: string | null;
  suite: string | null;
  verdict_id: string | null;
  workflow_id: string;
  opened_at: DefaultedTimestamp;
  first_failed_at: DefaultedTimestamp;
  resolved_at: Date | null;
}
