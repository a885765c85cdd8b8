import type { ModelProblem, SourceModel } from '../../models/model.ts';
import type { Database, DatabaseTransaction } from '../databases.ts';
import type { RunRef } from '../run-ref.ts';
import type { LeftFile } from './files/list-files.ts';

/** What a reader is handed. */
export interface Extraction {
  readonly source: SourceModel;
  /** Of the login that lands rows. */
  readonly loader: Database;
  /**
   * A pool on a source's own database, by the name that `settings.connection` has.
   *
   * @throws ApplicationFailure `InvalidInput` (not retryable) naming the setting that is missing.
   */
  readonly connection: (name: string) => Database;
  /** The folder that source files are delivered to, absolute. */
  readonly landingFolder: string;
  readonly run: RunRef;
  /** Aborted when the activity is cancelled: stop before the next record is written. */
  readonly signal: AbortSignal;
}

/** What an extract did. */
export interface Extracted {
  /** Files whose rows were landed by this call; 0 for readers without files. */
  readonly files: number;
  /** Rows written to bronze by this call. */
  readonly rows: number;
  /** Records that went to quarantine. */
  readonly rejected: number;
  /** Files of which an earlier revision was retracted. */
  readonly retractedFiles: number;
  /** Files that were not read, and why; left out where there are none. */
  readonly left?: readonly LeftFile[];
  /** In what the source is not what its header says; left out where it is. What it names has not landed. */
  readonly drift?: readonly SourceDrift[];
  /** Columns of the source that its header does not name. */
  readonly unread?: readonly string[];
  /** What this way to read cannot see, in a sentence; left out where it sees everything. */
  readonly misses?: string;
}

/** Something of a source that is not what its header says. Names of columns and counts only. */
export interface SourceDrift {
  /** Null where it is about the source as a whole. */
  readonly column: string | null;
  readonly problem: string;
  /** What to do about it, in sentences. */
  readonly mend: string;
}

/** A problem with a source's settings; where it stands is known by who asked. */
export type SettingProblem = Pick<ModelProblem, 'problem' | 'mend'>;

/**
 * A way to read: one file of this folder named after the reader, `json-lines.ts` for `reader: json_lines`, that exports
 * `reader`. Every record lands exactly once however often and beside whom `extract` runs; a record that cannot be
 * loaded is kept in quarantine with the reason.
 */
export interface Reader {
  /** Looks at the header's settings before anything loads. */
  readonly check: (source: SourceModel) => readonly SettingProblem[];
  readonly extract: (extraction: Extraction) => Promise<Extracted>;
  /** Reads everything that the source has now, by the same rules, into a table made like bronze's: to be compared with it. */
  readonly reread: (look: Reread) => Promise<RereadParts>;
}

/** What a reader is handed to read a source again. */
export interface Reread extends Omit<Extraction, 'loader' | 'run'> {
  /** Its `relation` is the table to fill; `bronze` is the one to compare with. */
  readonly source: SourceModel;
  readonly bronze: string;
  /** A transaction that is rolled back. */
  readonly trx: DatabaseTransaction;
}

/** What was read again. */
export interface RereadParts {
  /** The files that were read; null where the source is not files. */
  readonly files: readonly string[] | null;
  /** Files that could not be read, and why. */
  readonly left: readonly LeftFile[];
}
