import type { SourceModel } from '../../../models/model.ts';
import type { DatabaseTransaction } from '../../databases.ts';

/** How far a source has been read. */
export interface SourcePosition {
  /** A `pg_snapshot` of the source's server, or the highest value of a cursor as text. */
  readonly position: string;
  /** Null where the position means the same on every server. */
  readonly systemIdentifier: string | null;
  readonly timeline: number | null;
}

/** How far a source had been read; null before the first extract. */
export async function readSourceWatermark(
  here: DatabaseTransaction,
  source: SourceModel,
): Promise<SourcePosition | null> {
  const row = await here
    .selectFrom('control.source_watermark')
    .selectAll()
    .where('source', '=', source.name)
    .executeTakeFirst();
  if (row === undefined) return null;
  return { position: row.position, systemIdentifier: row.system_identifier, timeline: row.timeline };
}

/** Notes how far a source has been read, in the transaction that lands what was read. */
export async function moveSourceWatermark(
  here: DatabaseTransaction,
  source: SourceModel,
  { position, systemIdentifier, timeline }: SourcePosition,
): Promise<void> {
  const now = new Date().toISOString();
  const values = { position, system_identifier: systemIdentifier, timeline, moved_at: now };
  await here
    .insertInto('control.source_watermark')
    .values({ source: source.name, ...values })
    .onConflict((conflict) => conflict.column('source').doUpdateSet(values))
    .execute();
}
