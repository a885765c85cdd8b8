import type { ColumnType, Generated } from 'kysely';
import type { DefaultedTimestamp, Json } from './column-types.ts';

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
