import { sql } from 'kysely';
import { takeSnapshot } from '../../activities/snapshot.ts';
import { parseSnapshot } from '../../models/window.ts';
import type { Base } from './database.ts';
import { asOf, hourLanded } from './fill.ts';

/** How a base was when everything in it had been published: the state that every contestant starts from. */
export interface SavedState {
  /** What had been published, a `pg_snapshot`. */
  readonly snapshot: string;
  /** The first transaction after it. */
  readonly xmax: string;
}

const reads = {
  stg_transactions: ['raw_transactions'],
  fct_daily_sales: ['stg_transactions', 'dim_stores'],
} as const;

/** Says that all there is was published, by a load of each model in the ledger; copies the fact table. */
export async function saveState({ admin }: Base): Promise<SavedState> {
  await sql`create schema if not exists bench`.execute(admin);
  await sql`drop table if exists bench.fct_daily_sales`.execute(admin);
  await sql`create table bench.fct_daily_sales as table gold.fct_daily_sales`.execute(admin);
  const { snapshot, systemIdentifier, timeline } = await takeSnapshot(admin);
  const origin = { system_identifier: systemIdentifier, timeline };
  await sql`delete from control.watermark`.execute(admin);
  for (const [model, relations] of Object.entries(reads)) {
    const deltas = Object.fromEntries(relations.map((relation) => [relation, { from: null, to: snapshot }]));
    const { load_id } = await admin
      .insertInto('control.load')
      .values({
        ...{
          model,
          pipeline: 'hourly',
          workflow_id: 'bench',
          run_id: 'bench',
          state: 'published',
          ...origin,
        },
        ...{ read_window: JSON.stringify({ kind: 'arrival', deltas }), as_of: asOf, sql_hash: 'bench' },
      })
      .returning('load_id')
      .executeTakeFirstOrThrow();
    for (const relation of relations)
      await admin
        .insertInto('control.watermark')
        .values({ model, relation, snapshot, ...origin, load_id })
        .execute();
  }
  return { snapshot, xmax: parseSnapshot(snapshot).xmax };
}

/**
 * Takes back what one contestant published. Rows of the hour stand at the end of silver's heap, so that vacuum gives
 * their pages back; in its indexes they leave room, for each contestant as much. The checkpoint is for all alike too:
 * whoever first writes a page after it writes all of the page to the log.
 */
export async function restoreState({ admin }: Base, { snapshot, xmax }: SavedState): Promise<void> {
  await sql`delete from silver.stg_transactions where _xid >= ${xmax}::xid8`.execute(admin);
  await sql`vacuum silver.stg_transactions`.execute(admin);
  await admin.transaction().execute(async (trx) => {
    await sql`truncate gold.fct_daily_sales, changes.fct_daily_sales, changes.stg_transactions, touched.fct_daily_sales_keys`.execute(
      trx,
    );
    await sql`insert into gold.fct_daily_sales table bench.fct_daily_sales`.execute(trx);
    await sql`update control.watermark set snapshot = ${snapshot}::pg_snapshot`.execute(trx);
    await sql`delete from control.lease`.execute(trx);
  });
  await sql`vacuum analyze gold.fct_daily_sales`.execute(admin);
  await sql`checkpoint`.execute(admin);
}

/** Takes out of bronze what landed after the ten days. */
export async function clearHours({ admin }: Base): Promise<void> {
  const { rows } = await sql<{ n: number }>`
    with gone as (delete from bronze.raw_transactions where loaded_at >= ${hourLanded}::timestamp returning 1)
    select count(*) as n from gone`.execute(admin);
  if ((rows[0]?.n ?? 0) > 0) await sql`vacuum bronze.raw_transactions`.execute(admin);
}
