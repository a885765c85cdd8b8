import { ApplicationFailure } from '@temporalio/activity';
import { sql } from 'kysely';
import type { SourceModel } from '../../../models/model.ts';
import type { DatabaseTransaction } from '../../databases.ts';
import type { SourcePosition } from './watermark.ts';

interface Row {
  readonly position: string;
  readonly standby: boolean;
  readonly system_identifier: string;
  readonly timeline: number | null;
}

/**
 * Which transactions of the source's server had ended: the snapshot of the transaction that reads, which has written
 * nothing and so has no xid of its own to be counted.
 *
 * @throws ApplicationFailure `WatermarkForeign` (not retryable) on a standby, and where the last extract read another
 *   server or another timeline of it.
 */
export async function takePosition(
  there: DatabaseTransaction,
  source: SourceModel,
  last: SourcePosition | null,
): Promise<SourcePosition> {
  const { rows } = await sql<Row>`
    select pg_current_snapshot()::text as position, pg_is_in_recovery() as standby,
      (select system_identifier::text from pg_control_system()) as system_identifier,
      case when not pg_is_in_recovery() then ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end as timeline`.execute(
    there,
  );
  const row = rows[0];
  if (row === undefined) throw new Error('pg_current_snapshot() returned no row.');
  const { position, standby, system_identifier: systemIdentifier, timeline } = row;
  if (standby) {
    throw foreign(
      `${source.file}: the source's database is a standby, whose snapshots do not know which transactions are in flight: rows would be lost. ` +
        'Point its connection at the primary, or read with postgres_hash.',
    );
  }
  if (last !== null && (last.systemIdentifier !== systemIdentifier || last.timeline !== timeline)) {
    throw foreign(
      `${source.file}: was read up to a snapshot of system ${last.systemIdentifier}, timeline ${last.timeline}; this server is system ${systemIdentifier}, timeline ${timeline}. ` +
        'It was restored, upgraded or failed over, and transaction ids may have been given out twice. To read everything again, as a later version of each row: ' +
        `delete from control.source_watermark where source = '${source.name}';`,
    );
  }
  return { position, systemIdentifier, timeline };
}

function foreign(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'WatermarkForeign');
}
