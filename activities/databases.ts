import type { ColumnType, Generated, Kysely, Transaction } from 'kysely';
import type { DefaultedTimestamp, Json, Timestamp } from './tables/column-types.ts';
import type {
  LandingTable,
  RetractionTable,
  SourceDriftTable,
  SourceReadTable,
  SourceSeenTable,
  SourceWatermarkTable,
} from './tables/landing.ts';
import type {
  AvailabilitySlotTable,
  FreshnessSampleTable,
  ObjectiveAlarmTable,
  ObjectivePromiseTable,
  ObjectiveView,
} from './tables/objectives.ts';
import type { PageDeliveryTable } from './tables/pages.ts';
import type { PromiseResultTable, PromiseSpanTable, PromiseTable } from './tables/promises.ts';
import type { BatchQuarantineTable, QuarantineDecisionTable, QuarantineTable } from './tables/quarantine.ts';
import type {
  DecisionTable,
  GateFigureTable,
  GateResultTable,
  GateRunTable,
  IncidentFailureTable,
  IncidentTable,
} from './tables/gates.ts';
import type {
  WatchAlarmTable,
  WatchEndedRunTable,
  WatchMarkTable,
  WatchPageTable,
  WatchScheduleTable,
} from './tables/watch.ts';

/** The states of a load: `open` (window fixed), `staged` (candidate made), then one of the three ends. */
export type LoadState = 'open' | 'staged' | 'published' | 'empty' | 'abandoned';

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
  /** When it was given up for a run that its own comes after; null of any other. */
  gave_way_at: ColumnType<Date | null, never, Date | null>;
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
  /** `expired`: nobody decided in time; whoever comes may take it over, and until then a reset may go on. */
  state: 'running' | 'held' | 'expired';
  verdict_id: string | null;
  since: DefaultedTimestamp;
  /** Whether its run gives way to others, at a gate too: a backfill's interval. */
  yields: Generated<boolean>;
  /** Since when it is held at its gate this time; `since` goes on over the verdicts of one hold. */
  held_at: ColumnType<Date | null, never, Date>;
}

/** A run that waits for a model's lease and is of no backfill. */
export interface LeaseWantedTable {
  model: string;
  workflow_id: string;
  wanted_at: DefaultedTimestamp;
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

/** What a hash of `control.target` and the ledger stands for. */
export interface ModelTextTable {
  model: string;
  sql_hash: string;
  text: string;
  seen_at: DefaultedTimestamp;
}

/** The control schema as kysely sees it; made by `infra/migrations/001-control.sql`. */
export interface ControlTables {
  'control.landing': LandingTable;
  'control.retraction': RetractionTable;
  'control.source_watermark': SourceWatermarkTable;
  'control.source_seen': SourceSeenTable;
  'control.source_drift': SourceDriftTable;
  'control.source_read': SourceReadTable;
  'control.quarantine': QuarantineTable;
  'control.batch_quarantine': BatchQuarantineTable;
  'control.quarantine_decision': QuarantineDecisionTable;
  'control.load': LoadTable;
  'control.watermark': WatermarkTable;
  'control.watermark_adoption': WatermarkAdoptionTable;
  'control.target': TargetTable;
  'control.lease': LeaseTable;
  'control.lease_wanted': LeaseWantedTable;
  'control.gate_run': GateRunTable;
  'control.gate_result': GateResultTable;
  'control.gate_figure': GateFigureTable;
  'control.promise': PromiseTable;
  'control.promise_result': PromiseResultTable;
  'control.promise_span': PromiseSpanTable;
  'control.decision': DecisionTable;
  'control.incident': IncidentTable;
  'control.incident_failure': IncidentFailureTable;
  'control.page_delivery': PageDeliveryTable;
  'control.role_grant': RoleGrantTable;
  'control.column_lineage': ColumnLineageTable;
  'control.model_text': ModelTextTable;
  'control.watch_mark': WatchMarkTable;
  'control.watch_ended_run': WatchEndedRunTable;
  'control.watch_alarm': WatchAlarmTable;
  'control.watch_page': WatchPageTable;
  'control.watch_schedule': WatchScheduleTable;
  'control.freshness_sample': FreshnessSampleTable;
  'control.availability_slot': AvailabilitySlotTable;
  'control.objective_promise': ObjectivePromiseTable;
  'control.objective_alarm': ObjectiveAlarmTable;
  'control.objective': ObjectiveView;
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
