import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database, DatabaseTransaction } from '../../../activities/databases.ts';
import type { Random } from '../../invariants/random.ts';
import type { Counts } from '../kinds.ts';
import { anyCount, anyMovement, anySale, some } from './sale.ts';
import type { Movement, Sale, StockCount } from './sale.ts';

/** What a writer puts into one revision of one source. */
interface Delivery {
  readonly file: string;
  readonly revision: number;
  readonly sales: readonly Sale[];
  readonly moves: readonly Movement[];
  readonly counts: readonly StockCount[];
}

/** How the transaction of a delivery goes. All of it is drawn before the first statement. */
interface Fate {
  readonly sequenceFirst: boolean;
  readonly takesBack: readonly Sale[];
  readonly stallMs: number;
  readonly rollsBack: boolean;
}

class RolledBack extends Error {}

/**
 * Writes straight into bronze until told to stop, as a reader of some other source would. What it does next never
 * depends on how the last transaction ended, so that a seed repeats it.
 */
export async function writeBronze(
  stopped: () => boolean,
  db: Database,
  random: Random,
  name: string,
  counts: Counts,
): Promise<void> {
  const revisions: number[] = [];
  while (!stopped()) {
    const corrects = revisions.length > 0 && random.chance(0.25);
    const file = corrects ? random.integer(revisions.length) : revisions.push(0) - 1;
    const revision = (revisions[file] ?? 0) + 1;
    revisions[file] = revision;
    const empty = corrects && random.chance(0.3);
    const delivery: Delivery = {
      file: `${name}-${file}`,
      revision,
      sales: empty ? [] : some(random, 1, 6, anySale),
      moves: empty ? [] : some(random, 0, 4, anyMovement),
      counts: empty ? [] : some(random, 0, 2, anyCount),
    };
    const fate = drawFate(random);
    const ended = await deliver(db, delivery, fate);
    if (ended === 'committed') note(counts, delivery, fate);
    else if (ended === 'rolled back') counts.rolledBack += 1;
    await pause(ended === 'lost' ? 100 : 10 + random.integer(60));
  }
}

function drawFate(random: Random): Fate {
  const long = random.chance(0.05);
  return {
    sequenceFirst: random.chance(0.5),
    takesBack: random.chance(0.15) ? some(random, 1, 3, anySale) : [],
    stallMs: random.chance(0.35) ? random.integer(long ? 4000 : 400) : 0,
    rollsBack: random.chance(0.15),
  };
}

function note(
  counts: Counts,
  { revision, sales }: Delivery,
  { takesBack, stallMs, sequenceFirst }: Fate,
): void {
  counts.committed += 1;
  if (revision > 1) counts.corrected += 1;
  if (revision > 1 && sales.length === 0) counts.emptied += 1;
  if (takesBack.length > 0) counts.savepointsRolledBack += 1;
  if (stallMs > 100) counts.stalled += 1;
  if (stallMs > 100 && sequenceFirst) counts.outOfOrder += 1;
}

/** A transaction whose connection was lost may have been committed or not: what is in bronze is what counts. */
async function deliver(
  db: Database,
  delivery: Delivery,
  fate: Fate,
): Promise<'committed' | 'rolled back' | 'lost'> {
  try {
    await db.transaction().execute((trx) => write(trx, delivery, fate));
    return 'committed';
  } catch (error) {
    return error instanceof RolledBack ? 'rolled back' : 'lost';
  }
}

async function write(trx: DatabaseTransaction, delivery: Delivery, fate: Fate): Promise<void> {
  await sql`set local lock_timeout = 0`.execute(trx);
  const first = fate.sequenceFirst ? await nextSequence(trx) : null;
  if (fate.takesBack.length > 0) {
    await sql`savepoint before`.execute(trx);
    await landSales(trx, delivery, fate.takesBack, await nextSequence(trx));
    await sql`rollback to savepoint before`.execute(trx);
  }
  // The stall lies between what decides the row's place in time and the commit that shows it.
  const half = Math.floor(delivery.sales.length / 2);
  const sequence = first ?? (await nextSequence(trx));
  await landSales(trx, delivery, delivery.sales.slice(0, half), sequence);
  await landStock(trx, delivery, sequence);
  if (fate.stallMs > 0) await pause(fate.stallMs); // A transaction that stays open is the fault that is injected here.
  await landSales(trx, delivery, delivery.sales, sequence, half);
  if (delivery.revision > 1) await retractEarlier(trx, delivery);
  if (fate.rollsBack) throw new RolledBack();
}

async function nextSequence(trx: DatabaseTransaction): Promise<number> {
  const { rows } = await sql<{ load: number }>`select nextval('control.load_sequence') as load`.execute(trx);
  return rows[0]?.load ?? 0;
}

async function landSales(
  trx: DatabaseTransaction,
  { file, revision }: Delivery,
  sales: readonly Sale[],
  load: number,
  from = 0,
): Promise<void> {
  if (sales.length <= from) return;
  await sql`
      insert into bronze.raw_transactions (transaction_id, store_id, terminal_id, customer_id, transaction_timestamp,
        total_amount, payment_method, items, anomaly_detected, _source, _revision, _load, _position, _record_hash)
      select transaction_id, store_id, terminal_id, customer_id, transaction_timestamp, total_amount, payment_method,
        items, anomaly_detected, ${file}, ${revision}, ${load}, number, md5(sale::text)::uuid
      from rows from (jsonb_to_recordset(${JSON.stringify(sales)}::jsonb) as (transaction_id text, store_id text,
        terminal_id text, customer_id text, transaction_timestamp timestamp, total_amount numeric, payment_method text,
        items jsonb, anomaly_detected boolean)) with ordinality as sale (transaction_id, store_id, terminal_id,
        customer_id, transaction_timestamp, total_amount, payment_method, items, anomaly_detected, number)
      where number > ${from}`.execute(trx);
}

async function landStock(
  trx: DatabaseTransaction,
  { file, revision, moves, counts }: Delivery,
  load: number,
): Promise<void> {
  await sql`
    insert into bronze.raw_pos_events
      (store_id, sku, quantity_change, event_ts, _source, _revision, _load, _position, _record_hash)
    select store_id, sku, quantity_change, event_ts, ${file}, ${revision}, ${load}, number, md5(move::text)::uuid
    from rows from (jsonb_to_recordset(${JSON.stringify(moves)}::jsonb) as (store_id text, sku text,
      quantity_change int, event_ts timestamp)) with ordinality as move (store_id, sku, quantity_change, event_ts, number)`.execute(
    trx,
  );
  await sql`
    insert into bronze.raw_inventory
      (store_id, sku, on_hand_qty, reserved_qty, last_count_ts, _source, _revision, _load, _position, _record_hash)
    select store_id, sku, on_hand_qty, reserved_qty, last_count_ts, ${file}, ${revision}, ${load}, number,
      md5(count::text)::uuid
    from rows from (jsonb_to_recordset(${JSON.stringify(counts)}::jsonb) as (store_id text, sku text,
      on_hand_qty int, reserved_qty int, last_count_ts timestamp)) with ordinality
      as count (store_id, sku, on_hand_qty, reserved_qty, last_count_ts, number)`.execute(trx);
}

/** Also revisions that were never committed: what is retracted and is not there does no harm. */
async function retractEarlier(trx: DatabaseTransaction, { file, revision }: Delivery): Promise<void> {
  await sql`
    insert into control.retraction (source, file, revision, replaced_by, workflow_id)
    select source, ${file}, earlier, ${revision}, 'chaos'
    from generate_series(1, ${revision}::int - 1) as earlier,
      (values ('raw_transactions'), ('raw_pos_events'), ('raw_inventory')) as s (source)
    on conflict (source, file, revision) do nothing`.execute(trx);
}
