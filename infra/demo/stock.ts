import { movementsOf, type Delivery, type Hour } from './hours.ts';

/** Counts have the same numbers in every story. */
const SEED = 20_170_106;

/** When stock is counted, and which share of the products that a store sells in those days. */
const COUNTS = [
  { hour: '2017-01-06T00', share: 0.2 },
  { hour: '2017-01-07T12', share: 0.06 },
] as const;

/** The columns of `bronze.raw_inventory`, as the files' header row names them. */
const HEADER = 'store_id,sku,on_hand_qty,reserved_qty,last_count_ts';

/**
 * Stock counts of some of what the hours sell, as the warehouse system delivers them: a CSV file beside the files of the
 * hour in which it counted. The sample has none: these are made up from a seed, and their files' names say so.
 *
 * @returns deliveries by the name of their hour.
 */
export function stockCounts(hours: readonly Hour[]): ReadonlyMap<string, Delivery> {
  const sold = [
    ...new Set(hours.flatMap(({ baskets }) => movementsOf(baskets).map(productInStore))),
  ].toSorted();
  const below = numbersOf(SEED);
  return new Map(
    COUNTS.map(({ hour, share }) => {
      const rows = sold
        .filter(() => below(1_000) < share * 1_000)
        .map((product) => `${product},${below(15)},${below(3)},${hour}:00:00`);
      return [hour, { file: `inventory/made-up-counts-${hour}.csv`, lines: [HEADER, ...rows] }];
    }),
  );
}

function productInStore(movement: string): string {
  const read: unknown = JSON.parse(movement);
  const { store_id, sku } = { store_id: '', sku: '', ...(typeof read === 'object' ? read : {}) };
  return `${store_id},${sku}`;
}

/** Whole numbers from 0 up to but not including the one asked for: mulberry32. */
function numbersOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
