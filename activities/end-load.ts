import { sql } from 'kysely';
import type { Database, DatabaseTransaction } from './databases.ts';
import { postgresFault } from './postgres-error.ts';

/** A load that was given up, and what is left of it. */
export interface AbandonedLoad {
  readonly loadId: number;
  readonly candidate: string | null;
}

/**
 * Gives up the unfinished loads of a model: their watermark stays, so the next load meets the rows again. Published
 * loads are never touched.
 *
 * @param loadId only this one; all of the model's when left out.
 */
export async function abandonLoads(
  trx: DatabaseTransaction,
  model: string,
  loadId?: number,
): Promise<readonly AbandonedLoad[]> {
  let query = trx
    .updateTable('control.load')
    .set({ state: 'abandoned' })
    .where('model', '=', model)
    .where('state', 'in', ['open', 'staged']);
  if (loadId !== undefined) query = query.where('load_id', '=', loadId);
  const rows = await query.returning(['load_id', 'candidate']).execute();
  return rows.map((row) => ({ loadId: row.load_id, candidate: row.candidate }));
}

const lockNotAvailable = '55P03';

/**
 * Drops candidates that nothing will publish, outside of the transaction that gave them up. One that a lost attempt
 * still reads is left to housekeeping: waiting for it would hold up the load that goes on.
 */
export async function dropCandidates(db: Database, candidates: readonly (string | null)[]): Promise<void> {
  for (const candidate of candidates) {
    if (candidate === null) continue;
    try {
      await db.transaction().execute(async (trx) => {
        await sql`set local lock_timeout = '1s'`.execute(trx);
        await sql`drop table if exists ${sql.id('candidate', candidate)}`.execute(trx);
      });
    } catch (error) {
      if (postgresFault(error)?.sqlstate !== lockNotAvailable) throw error;
    }
  }
}
