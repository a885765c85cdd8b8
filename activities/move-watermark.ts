import { sql } from 'kysely';
import type { PublishedModel } from '../models/model.ts';
import { replayedLoad } from '../models/window.ts';
import type { DeltaBounds } from '../models/window.ts';
import type { DatabaseTransaction } from './databases.ts';
import type { LoadRow } from './load.ts';
import { staleAttempt } from './load.ts';
import type { WrittenRows } from './write-candidate.ts';

/**
 * Moves the watermarks of a window by arrival, each from exactly where it stood when the window was opened: where the
 * window begins, or what a rebuild noted. Other windows and replays move none.
 *
 * @throws ApplicationFailure `StaleAttempt` (not retryable) when one has moved since the load was opened.
 */
export async function moveWatermarks(trx: DatabaseTransaction, load: LoadRow): Promise<void> {
  if (load.window.kind !== 'arrival' || replayedLoad(load.window) !== null) return;
  for (const [relation, bounds] of Object.entries(load.window.deltas).sort(byName)) {
    if (await moveWatermark(trx, load, relation, bounds)) continue;
    throw staleAttempt(
      `Publishing load ${load.loadId} of ${load.model} was refused: the watermark on ${relation} has moved since its window was opened.`,
    );
  }
}

/** One order for all, so that no two transactions wait for each other. */
function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : Number(a > b);
}

/** @returns false when the watermark is not where it stood when the window was opened. */
async function moveWatermark(
  trx: DatabaseTransaction,
  load: LoadRow,
  relation: string,
  { from, to, noted }: DeltaBounds,
): Promise<boolean> {
  const stood = noted === undefined ? from : noted;
  const moved = {
    snapshot: to,
    system_identifier: load.systemIdentifier,
    timeline: load.timeline,
    load_id: load.loadId,
  };
  if (stood === null) {
    const first = await trx
      .insertInto('control.watermark')
      .values({ model: load.model, relation, ...moved })
      .onConflict((conflict) => conflict.columns(['model', 'relation']).doNothing())
      .returning('model')
      .executeTakeFirst();
    return first !== undefined;
  }
  const next = await trx
    .updateTable('control.watermark')
    .set({ ...moved, moved_at: sql`pg_catalog.now()` })
    .where('model', '=', load.model)
    .where('relation', '=', relation)
    .where(sql<boolean>`snapshot::text = ${stood}`)
    .returning('model')
    .executeTakeFirst();
  return next !== undefined;
}

/** Ends an empty load in the ledger and frees the lease. What stands in the target stays. */
export async function noteEmpty(
  trx: DatabaseTransaction,
  model: PublishedModel,
  load: LoadRow,
): Promise<void> {
  if (load.candidate !== null)
    await sql`drop table if exists ${sql.id('candidate', load.candidate)}`.execute(trx);
  await trx
    .updateTable('control.load')
    .set({
      state: 'empty',
      candidate: null,
      rows_inserted: 0,
      rows_updated: 0,
      rows_unchanged: 0,
      rows_deleted: 0,
      published_at: sql`pg_catalog.clock_timestamp()`,
    })
    .where('load_id', '=', load.loadId)
    .execute();
  await freeLease(trx, model);
}

/** Ends a load in the ledger and its target's record, and frees the lease. */
export async function notePublished(
  trx: DatabaseTransaction,
  model: PublishedModel,
  load: LoadRow,
  counts: WrittenRows,
  overrideVerdictId: string | null,
): Promise<void> {
  await trx
    .updateTable('control.load')
    .set({
      state: 'published',
      candidate: null,
      rows_inserted: counts.inserted,
      rows_updated: counts.updated,
      rows_unchanged: counts.unchanged,
      rows_deleted: counts.deleted,
      override_verdict_id: overrideVerdictId,
      published_at: sql`pg_catalog.clock_timestamp()`,
    })
    .where('load_id', '=', load.loadId)
    .execute();
  await trx
    .updateTable('control.target')
    .set((column) => ({
      publishes: column('publishes', '+', 1),
      sql_hash: load.sqlHash,
      columns_hash: load.columnsHash,
      load_id: load.loadId,
      published_at: sql`pg_catalog.now()`,
    }))
    .where('model', '=', model.name)
    .execute();
  await freeLease(trx, model);
}

async function freeLease(trx: DatabaseTransaction, model: PublishedModel): Promise<void> {
  await trx.deleteFrom('control.lease').where('model', '=', model.name).execute();
}
