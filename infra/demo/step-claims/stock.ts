import type { Fact } from '../claims.ts';
import { byChanging, readList, readOne, readPairs, type StoryClaim, type World } from '../world.ts';

/** How many rows of counts were delivered: the lines of the files but their header rows. */
function countsDelivered({ notes }: World): number {
  const files = notes.told
    .flatMap(({ deliveries }) => deliveries)
    .filter(({ file }) => file.startsWith('inventory/'));
  return files.reduce((sum, { lines }) => sum + lines.length - 1, 0);
}

/** What should be in the stores, from what landed alone: the last count of each product, and what moved since. */
const fromBronze = `
  with counted as (
    select store_id, sku, on_hand_qty - reserved_qty as available, last_count_ts
    from bronze.raw_inventory as count
    where not exists (
      select from bronze.raw_inventory as newer
      where newer.store_id = count.store_id and newer.sku = count.sku and newer.last_count_ts > count.last_count_ts)
  )
  select counted.store_id, counted.sku, available + coalesce(sum(quantity_change), 0) as projected
  from counted left join bronze.raw_pos_events as event
    on event.store_id = counted.store_id and event.sku = counted.sku and event.event_ts > counted.last_count_ts
  group by counted.store_id, counted.sku, available`;

/** A set of store, product and projected pieces as a fact: how many of each status, and a sum over all that is in it. */
function factOf(stock: string): string {
  return `select case when projected < 0 then 'OVERSOLD' when projected < 5 then 'LOW' else 'OK' end as name,
      count(*) || ' products, ' || sum(projected) || ' pieces, ' || left(md5(string_agg(
        store_id || ' ' || sku || ' ' || projected, ';' order by store_id, sku)), 8) as value
    from (${stock}) as stock group by 1 order by 1`;
}

async function expectedStock(world: World): Promise<Fact> {
  return readPairs(world, factOf(fromBronze));
}

async function publishedStock(world: World): Promise<Fact> {
  const told = await readPairs(
    world,
    factOf('select store_id, sku, projected_qty as projected from gold.inventory_realtime'),
  );
  const misnamed = await readList(
    world,
    `select store_id || ' ' || sku || ' is ' || status from gold.inventory_realtime
     where status <> case when projected_qty < 0 then 'OVERSOLD' when projected_qty < 5 then 'LOW' else 'OK' end
       or projected_qty <> available_qty + net_movement`,
  );
  return misnamed.length === 0 ? told : { ...told, misnamed };
}

/** How what should be in a store is read: what gold says, and what plain SQL over bronze says. */
const stock: Pick<StoryClaim, 'from' | 'expected' | 'read'> = {
  from: 'Postgres gold.inventory_realtime, against bronze.raw_inventory and bronze.raw_pos_events',
  expected: expectedStock,
  read: publishedStock,
};

/** Step 3: counts landed as CSV files, and what should be in a store follows from them and all movements since. */
export const stockClaims: readonly StoryClaim[] = [
  {
    name: 'counts-landed',
    step: 3,
    says: 'every stock count of the CSV files (made up from a seed) is in bronze once',
    from: 'Postgres bronze.raw_inventory',
    expected: countsDelivered,
    read: (world) => readOne(world, 'select count(*)::int from bronze.raw_inventory'),
    falsify: byChanging(
      'delete from bronze.raw_inventory where ctid = (select min(ctid) from bronze.raw_inventory)',
    ),
  },
  {
    name: 'stock-so-far',
    step: 3,
    says: 'gold has of every counted product what the last count left and all movements since made of it',
    ...stock,
    falsify: byChanging(
      `update gold.inventory_realtime set projected_qty = projected_qty + 1
       where ctid = (select min(ctid) from gold.inventory_realtime)`,
    ),
  },
];

/** Step 6: the same at the end, when every movement of the two days is in. */
export const stockAtTheEnd: readonly StoryClaim[] = [
  {
    name: 'stock-at-the-end',
    step: 6,
    says: 'so it has after every hour, those that waited behind the held one included',
    ...stock,
    falsify: byChanging(
      `update gold.inventory_realtime set status = 'LOW'
       where ctid = (select min(ctid) from gold.inventory_realtime where status <> 'LOW')`,
    ),
  },
];
