import { ApplicationFailure } from '@temporalio/activity';
import type { Selectable } from 'kysely';
import type { Window } from '../models/window.ts';
import { readWindow } from '../models/window.ts';
import type { Database, LoadState, LoadTable } from './databases.ts';
import type { RunRef } from './run-ref.ts';

/** A row of the ledger. Counts are rows; null until the station that counts them is through. */
export interface LoadRow {
  readonly loadId: number;
  readonly model: string;
  readonly pipeline: string;
  readonly run: RunRef;
  readonly state: LoadState;
  readonly attempt: number;
  readonly window: Window;
  readonly isEmpty: boolean;
  readonly systemIdentifier: string;
  readonly timeline: number;
  /** ISO 8601, UTC. */
  readonly asOf: string;
  /** Name in the schema `candidate`. */
  readonly candidate: string | null;
  readonly targetPublishes: number | null;
  readonly rowsRead: number | null;
  readonly rowsStaged: number | null;
  readonly rowsSuperseded: number | null;
  readonly rowsLeftOut: number | null;
  readonly keysTouched: number | null;
  /** Set aside by its gates; `rowsStaged` are those that are left. */
  readonly rowsQuarantined: number;
  readonly rowsInserted: number | null;
  readonly rowsUpdated: number | null;
  readonly rowsUnchanged: number | null;
  readonly rowsDeleted: number | null;
  readonly sqlHash: string;
  readonly columnsHash: string | null;
}

/** Turns a row as kysely returns it into a `LoadRow`. */
export function toLoadRow(row: Selectable<LoadTable>): LoadRow {
  return {
    loadId: row.load_id,
    model: row.model,
    pipeline: row.pipeline,
    run: { workflowId: row.workflow_id, runId: row.run_id },
    state: row.state,
    attempt: row.attempt,
    window: readWindow(row.read_window),
    isEmpty: row.is_empty,
    systemIdentifier: row.system_identifier,
    timeline: row.timeline,
    asOf: row.as_of.toISOString(),
    candidate: row.candidate,
    targetPublishes: row.target_publishes,
    rowsRead: row.rows_read,
    rowsStaged: row.rows_staged,
    rowsSuperseded: row.rows_superseded,
    rowsLeftOut: row.rows_left_out,
    keysTouched: row.keys_touched,
    rowsQuarantined: row.rows_quarantined,
    rowsInserted: row.rows_inserted,
    rowsUpdated: row.rows_updated,
    rowsUnchanged: row.rows_unchanged,
    rowsDeleted: row.rows_deleted,
    sqlHash: row.sql_hash,
    columnsHash: row.columns_hash,
  };
}

/**
 * Reads one row of the ledger.
 *
 * @param db a pool or a transaction.
 * @param options `lock` holds the row until the transaction ends.
 * @throws ApplicationFailure `InvalidInput` (not retryable) when there is no such load.
 */
export async function readLoad(
  db: Database,
  loadId: number,
  options: { lock?: boolean } = {},
): Promise<LoadRow> {
  const query = db.selectFrom('control.load').selectAll().where('load_id', '=', loadId);
  const row = await (options.lock === true ? query.forUpdate() : query).executeTakeFirst();
  if (row === undefined) {
    throw ApplicationFailure.nonRetryable(
      `The ledger control.load has no load ${loadId}: it was opened in another database. Start a new run.`,
      'InvalidInput',
    );
  }
  return toLoadRow(row);
}

/** How a load ended before a run that was reset came to one of its stations again. */
export type EndedLoad = 'published' | 'abandoned';

/**
 * Whether a load has ended that a run asks about which did not open it: one that was reset to a station of it. Whoever
 * opened it and asks again is a stale attempt, and is refused.
 *
 * @returns null where it goes on, or this is no run that was reset.
 */
export function endedBeforeReset({ state, run }: LoadRow, now: RunRef): EndedLoad | null {
  if (run.workflowId !== now.workflowId || run.runId === now.runId) return null;
  if (state === 'abandoned') return 'abandoned';
  return state === 'published' || state === 'empty' ? 'published' : null;
}

/**
 * What an attempt is told that must not go on: another attempt or another run has taken its place.
 *
 * @param what what was refused and why, as a sentence.
 */
export function staleAttempt(what: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`${what} Nothing was changed.`, 'StaleAttempt');
}
