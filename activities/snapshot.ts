import { ApplicationFailure } from '@temporalio/activity';
import { sql } from 'kysely';
import type { Database } from './databases.ts';

/** The cluster, and the timeline of its history, in which transaction ids mean what they say. */
export interface Origin {
  readonly systemIdentifier: string;
  readonly timeline: number;
}

/** Which transactions had ended, by a cluster's own count. */
export interface TakenSnapshot extends Origin {
  /** `xmin:xmax:xip_list`. */
  readonly snapshot: string;
}

interface SnapshotRow {
  readonly snapshot: string;
  readonly assigned: boolean;
  readonly standby: boolean;
  readonly system_identifier: string;
  readonly timeline: number | null;
}

/**
 * The timeline is read from the name of the WAL file being written: `pg_control_checkpoint()` goes on naming the old
 * one from a promotion until the next checkpoint.
 *
 * @see https://www.postgresql.org/docs/18/functions-admin.html#FUNCTIONS-ADMIN-BACKUP
 */
const timeline = sql`case when not pg_is_in_recovery()
  then ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end`;

/**
 * Takes the upper end of a window: a statement of its own, so a transaction of its own that writes nothing. In a
 * transaction that had written, its own rows would count as seen and be lost to the next window.
 *
 * @param db a pool, not a transaction.
 * @throws ApplicationFailure `WatermarkForeign` (not retryable) on a standby, whose snapshots forget what is in flight;
 *   `InvalidInput` (not retryable) when the transaction has written.
 */
export async function takeSnapshot(db: Database): Promise<TakenSnapshot> {
  const { rows } = await sql<SnapshotRow>`
    select pg_current_snapshot()::text as snapshot, pg_current_xact_id_if_assigned() is not null as assigned,
      pg_is_in_recovery() as standby, (select system_identifier::text from pg_control_system()) as system_identifier,
      ${timeline} as timeline`.execute(db);
  const row = rows[0];
  if (row === undefined) throw new Error('pg_current_snapshot() returned no row.');
  if (row.standby || row.timeline === null) {
    throw watermarkForeign(
      'This database is a standby: its snapshots do not know which transactions are in flight, so a window taken here ' +
        'would lose rows. Point DATABASE_URL at the primary.',
    );
  }
  if (row.assigned) {
    throw ApplicationFailure.nonRetryable(
      'A window was to be taken in a transaction that has written: its own rows would be lost. Take it before.',
      'InvalidInput',
    );
  }
  return { snapshot: row.snapshot, systemIdentifier: row.system_identifier, timeline: row.timeline };
}

/** A watermark that says nothing about this database. */
function watermarkForeign(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'WatermarkForeign');
}

/**
 * Compares where a watermark or window was taken with where it is to be used.
 *
 * @param what `the watermark of stg_transactions on raw_transactions`.
 * @throws ApplicationFailure `WatermarkForeign` (not retryable), saying how to go on.
 */
export function checkOrigin(what: string, taken: Origin, here: Origin): void {
  if (taken.systemIdentifier === here.systemIdentifier && taken.timeline === here.timeline) return;
  const name = (origin: Origin): string => `system ${origin.systemIdentifier}, timeline ${origin.timeline}`;
  throw watermarkForeign(
    `Stopped: ${what} is from ${name(taken)}, this database is ${name(here)}. It was restored, upgraded or failed over, ` +
      'and transaction ids may have been given out twice. Where data and control schema were restored together, run ' +
      '`weir watermark adopt --all --reason …`: it looks whether the ids fit, and loads go on. ' +
      'Otherwise make the model anew with --full-refresh: it reads everything, and writes only what differs.',
  );
}
