import type { ColumnType, Generated } from 'kysely';
import type { DefaultedTimestamp, Timestamp } from './column-types.ts';

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

/** When runs read a source last, and when it brought something then. */
export interface SourceReadTable {
  source: string;
  read_at: Timestamp;
  /** Null where it never did, as far as this was noted. */
  brought_at: ColumnType<Date | null, string | null | undefined, string | null>;
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
