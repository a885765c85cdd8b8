import type { Random } from '../../invariants/random.ts';
import { anyStore } from './stores.ts';

/** A transaction as a till sends it. */
export interface Sale {
  readonly transaction_id: string | null;
  readonly store_id: string;
  readonly terminal_id: string;
  readonly customer_id: string;
  readonly transaction_timestamp: string;
  readonly total_amount: number | null;
  readonly payment_method: string;
  readonly items: readonly object[];
  readonly anomaly_detected: boolean | null;
}

/** A movement of stock. */
export interface Movement {
  readonly store_id: string;
  readonly sku: string | null;
  readonly quantity_change: number;
  readonly event_ts: string;
}

/** A count of stock. */
export interface StockCount {
  readonly store_id: string;
  readonly sku: string;
  readonly on_hand_qty: number | null;
  readonly reserved_qty: number | null;
  readonly last_count_ts: string;
}

/** Few ids, so that most are delivered again: later, earlier, by another store, on another day. */
const ids = 400;

function at(random: Random): string {
  const [day, hour, minute] = [1 + random.integer(6), random.integer(24), random.integer(60)];
  return `2017-01-0${day}T${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}:00`;
}

export function anySale(random: Random): Sale {
  return {
    transaction_id: random.chance(0.03) ? null : `T${random.integer(ids)}`,
    store_id: anyStore(random),
    terminal_id: `till ${random.integer(3)}`,
    customer_id: `C${random.integer(30)}`,
    transaction_timestamp: at(random),
    total_amount: random.chance(0.02)
      ? null
      : random.integer(12_000) / 100 - 5 + (random.chance(0.02) ? 200_000 : 0),
    payment_method: random.pick(['CREDIT', 'DEBIT', 'CASH', 'CHEQUE']),
    items: Array.from({ length: random.integer(4) }, (_, line) => ({ line })),
    anomaly_detected: random.pick([true, false, null]),
  };
}

export function anyMovement(random: Random): Movement {
  return {
    store_id: anyStore(random),
    sku: random.chance(0.03) ? null : `S${random.integer(20)}`,
    quantity_change: random.integer(20) - 10,
    event_ts: at(random),
  };
}

/** Few times, so that counts are mended. */
export function anyCount(random: Random): StockCount {
  return {
    store_id: anyStore(random),
    sku: `S${random.integer(20)}`,
    on_hand_qty: random.chance(0.03) ? null : random.integer(30),
    reserved_qty: random.chance(0.2) ? null : random.integer(5),
    last_count_ts: `2017-01-0${1 + random.integer(6)}T0${random.integer(3)}:00:00`,
  };
}

/** `least` to `most` of something. */
export function some<Item>(
  random: Random,
  least: number,
  most: number,
  one: (random: Random) => Item,
): readonly Item[] {
  return Array.from({ length: least + random.integer(most - least + 1) }, () => one(random));
}
