import type { SourceModel } from '../../../models/model.ts';
import type { DatabaseTransaction } from '../../databases.ts';
import { postgresFault } from '../../postgres-error.ts';
import type { LandedRecords, Revision } from '../records/revision.ts';
import type { SourceDrift } from '../reader.ts';
import type { Pieces } from './read-content.ts';

/** What a format is handed of a file. */
export interface FileContent {
  readonly trx: DatabaseTransaction;
  readonly source: SourceModel;
  readonly revision: Revision;
  readonly pieces: Pieces;
  /** Postgres gave up on a text of this file before: find out on which. */
  readonly careful: boolean;
  /** Columns that every record of the file before this one had. */
  readonly before: readonly string[];
  readonly signal: AbortSignal;
}

/** What a format did with a file. */
export interface LandedContent extends LandedRecords {
  /** Columns that every record of the file had. */
  readonly columns: readonly string[];
  /** Columns of the file that the source's header does not name. */
  readonly unread: readonly string[];
}

/** A way to write records into a file: `land` reads the pieces to their end and lands or rejects every record. */
export interface FileFormat {
  /** @throws Drifted where the file as a whole is not what the source's header says. */
  readonly land: (content: FileContent) => Promise<LandedContent>;
}

/** Thrown where what a source has is not what its header says; nothing of it is landed. */
export class Drifted extends Error {
  override readonly name = 'Drifted';
  readonly drift: readonly SourceDrift[];

  constructor(drift: readonly SourceDrift[]) {
    super(drift.map(({ problem, mend }) => `${problem}. ${mend}`).join(' '));
    this.drift = drift;
  }
}

/**
 * Whether Postgres gave up on a text: JSON nested deeper than its stack, or larger than a value can be. Unlike what
 * `pg_input_is_valid` answers, that ends the statement and with it the transaction.
 *
 * @see https://www.postgresql.org/docs/18/errcodes-appendix.html Class 54, Program Limit Exceeded
 */
export function isBeyondPostgres(error: unknown): boolean {
  return postgresFault(error)?.sqlstate.startsWith('54') === true;
}
