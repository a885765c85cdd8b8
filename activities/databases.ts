import type { ColumnType, Generated, Kysely, Transaction } from 'kysely';

/** Postgres hands `timestamptz` out as a Date; ISO text may be written. */
type Timestamp = ColumnType<Date, Date | string, Date | string>;
type DefaultedTimestamp = ColumnType<Date, Date | string | undefined, Date | string>;
/** `jsonb` comes parsed, and is written as JSON text. */
type Json = ColumnType<unknown, string, string>;

/** The states of a load: `open` (window fixed), `staged` (candidate made), then one of the three ends. */
export type LoadState = 'open' | 'staged' | 'published' | 'empty' | 'abandoned';

/** One revision of a file that was landed. */
export interface LandingTable {
  source: string;
  file: string;
  revision: number;
  content_hash: string;
  size_bytes: number;
  modified_at: Timestamp;
  load_sequence: number;
  rows_landed: number;
  rows_rejected: number;
  workflow_id: string;
  landed_at: DefaultedTimestamp;
  /** Columns that every record of it had; null of a file too small to tell, and of those that landed before this was noted. */
  whole_columns: ColumnType<string[] | null, string[] | null | undefined, string[] | null>;
}

/** How far a source has been read that is read from where it was left. Moves with the rows. */
export interface SourceWatermarkTable {
  source: string;
  /** A `pg_snapshot` of the source's own cluster, or the highest value of the cursor as text. */
  position: string;
  system_identifier: string | null;
  timeline: number | null;
  moved_at: DefaultedTimestamp;
}

/** The last version of a row that was read within the lookback of a cursor, as hashes. */
export interface SourceSeenTable {
  source: string;
  key_hash: string;
  record_hash: string;
  position: string;
}

/** In what a source is not what its header says. */
export interface SourceDriftTable {
  drift_id: Generated<number>;
  source: string;
  column_name: string | null;
  problem: string;
  mend: string;
  workflow_id: string;
  since: DefaultedTimestamp;
  /** Null while it is so. */
  cleared_at: ColumnType<Date | null, string | null | undefined, string | Date | null>;
}

/** A revision that a later one has replaced. Append-only. */
export interface RetractionTable {
  source: string;
  file: string;
  revision: number;
  replaced_by: number;
  workflow_id: string;
  retracted_at: DefaultedTimestamp;
  _xid: Generated<string>;
}

/** What became of a row or record in quarantine. */
export type QuarantineState = 'waiting' | 'released' | 'superseded';

/** A record that was not loaded, and why. */
export interface QuarantineTable {
  quarantine_id: Generated<number>;
  relation: string;
  file: string;
  revision: number;
  position: number;
  reason: string;
  record: string | null;
  record_bytes: ColumnType<Buffer | null, Buffer | null | undefined, Buffer | null>;
  load_id: number | null;
  workflow_id: string;
  quarantined_at: DefaultedTimestamp;
  state: Generated<QuarantineState>;
  expires_at: DefaultedTimestamp;
}

/** A row that a gate set aside, so that the rest of its batch could go on. */
export interface BatchQuarantineTable {
  batch_quarantine_id: Generated<number>;
  load_id: number;
  attempt: number;
  model: string;
  gate: 'input' | 'output';
  suite: string;
  verdict_id: string;
  evaluation_id: number;
  /** Places in the suite, from 0, of what it breaks. */
  expectations: number[];
  reason: string;
  /** The whole row. */
  record: Json;
  /** Where it stands in what the model reads; null at an output gate. */
  _source: string | null;
  _revision: number | null;
  _load: number | null;
  _position: number | null;
  workflow_id: string;
  run_id: string;
  quarantined_at: DefaultedTimestamp;
  state: Generated<QuarantineState>;
  expires_at: DefaultedTimestamp;
}

/** What became of what was set aside, why and by whom; no value of a row. Append-only. */
export interface QuarantineDecisionTable {
  quarantine_decision_id: Generated<number>;
  kept_in: 'quarantine' | 'batch_quarantine';
  kept_id: number;
  decision: 'released' | 'superseded';
  columns_mended: string[];
  reason: string;
  decided_by: string;
  /** The source whose row it is: `raw_transactions`; of what has no place in one, the model. */
  relation: string;
  _source: string | null;
  _revision: number | null;
  _position: number | null;
  /** The `_xid` of the row before it was released; null for a record that never was a row. */
  xid_before: string | null;
  decided_at: DefaultedTimestamp;
}

/** The ledger: one row a load. */
export interface LoadTable {
  load_id: Generated<number>;
  model: string;
  pipeline: string;
  workflow_id: string;
  run_id: string;
  state: LoadState;
  /** Token of the stage that may finish; each stage takes the next. */
  attempt: Generated<number>;
  read_window: Json;
  /** Nothing arrived in the window: there is nothing to gate or stage, publish moves the watermark. */
  is_empty: Generated<boolean>;
  system_identifier: string;
  timeline: number;
  interval_start: ColumnType<Date | null, string | null | undefined, string | null>;
  interval_end: ColumnType<Date | null, string | null | undefined, string | null>;
  /** Of the slot that a load by arrival was scheduled for; null for runs by hand and loads by event time. */
  slot_end: ColumnType<Date | null, string | null | undefined, string | null>;
  as_of: Timestamp;
  candidate: string | null;
  target_publishes: number | null;
  rows_read: number | null;
  rows_staged: number | null;
  rows_superseded: number | null;
  rows_left_out: number | null;
  keys_touched: number | null;
  /** Set aside by its gates; `rows_staged` are those that are left. */
  rows_quarantined: Generated<number>;
  rows_inserted: number | null;
  rows_updated: number | null;
  rows_unchanged: number | null;
  rows_deleted: number | null;
  sql_hash: string;
  columns_hash: string | null;
  override_verdict_id: string | null;
  opened_at: DefaultedTimestamp;
  staged_at: Date | null;
  published_at: Date | null;
}

/** What has been published of a relation's delta, by model. Moves only in publish. */
export interface WatermarkTable {
  model: string;
  relation: string;
  /** `xmin:xmax:xip_list`. */
  snapshot: string;
  system_identifier: string;
  timeline: number;
  load_id: number;
  moved_at: DefaultedTimestamp;
}

/** A watermark that somebody said is good for this database. Append-only. */
export interface WatermarkAdoptionTable {
  watermark_adoption_id: Generated<number>;
  model: string;
  relation: string;
  snapshot_before: string;
  system_identifier_before: string;
  timeline_before: number;
  snapshot: string;
  system_identifier: string;
  timeline: number;
  xids_rewritten: boolean;
  reason: string;
  decided_by: string;
  adopted_at: DefaultedTimestamp;
}

/** The published state of a model. */
export interface TargetTable {
  model: string;
  publishes: Generated<number>;
  sql_hash: string | null;
  columns_hash: string | null;
  load_id: number | null;
  published_at: Date | null;
}

/** Who works on a model now. */
export interface LeaseTable {
  model: string;
  workflow_id: string;
  run_id: string;
  load_id: number | null;
  state: 'running' | 'held';
  verdict_id: string | null;
  since: DefaultedTimestamp;
}

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

/** What deploy granted because a header says so. */
export interface RoleGrantTable {
  /** `gold.dim_stores`, or `schema gold`. */
  object: string;
  role_name: string;
  granted_at: DefaultedTimestamp;
}

/** Where the values of a column come from; `*` is the rows of a relation. */
export interface ColumnLineageTable {
  model: string;
  column_name: string;
  from_relation: string;
  from_column: string;
  how: 'copied' | 'computed' | 'rows' | 'recomputed';
  file: string;
  line: number;
}

/** The control schema as kysely sees it; made by `infra/migrations/001-control.sql`. */
export interface ControlTables {
  'control.landing': LandingTable;
  'control.retraction': RetractionTable;
  'control.source_watermark': SourceWatermarkTable;
  'control.source_seen': SourceSeenTable;
  'control.source_drift': SourceDriftTable;
  'control.quarantine': QuarantineTable;
  'control.batch_quarantine': BatchQuarantineTable;
  'control.quarantine_decision': QuarantineDecisionTable;
  'control.load': LoadTable;
  'control.watermark': WatermarkTable;
  'control.watermark_adoption': WatermarkAdoptionTable;
  'control.target': TargetTable;
  'control.lease': LeaseTable;
  'control.gate_run': GateRunTable;
  'control.gate_result': GateResultTable;
  'control.gate_figure': GateFigureTable;
  'control.decision': DecisionTable;
  'control.incident': IncidentTable;
  'control.role_grant': RoleGrantTable;
  'control.column_lineage': ColumnLineageTable;
}

/**
 * A pool of connections on one login. Every connection has TimeZone UTC, and `int8` is a number where it is safe.
 */
export type Database = Kysely<ControlTables>;

/** The same inside a transaction. */
export type DatabaseTransaction = Transaction<ControlTables>;

/** One pool a login, because what may be done is decided by the login and not by the caller. */
export interface Databases {
  readonly loader: Database;
  readonly publisher: Database;
  /** Owns nothing and may only read. */
  readonly validator: Database;
}
