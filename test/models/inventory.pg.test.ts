import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readGraph } from '../../activities/repository.ts';
import { folders, openShop, runOf } from '../activities/shop.ts';
import type { Shop } from '../activities/shop.ts';
import { seeded } from '../invariants/random.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.database.drop());
beforeEach(async () => {
  await sql`truncate bronze.raw_inventory, bronze.raw_pos_events, silver.stg_inventory, silver.stg_pos_events,
    gold.inventory_realtime, changes.inventory_realtime, changes.stg_inventory, changes.stg_pos_events,
    control.watermark`.execute(shop.admin);
});

interface Count {
  readonly sku?: string;
  readonly onHand: number;
  readonly reserved?: number | null;
  readonly at: string;
}
interface Movement {
  readonly sku?: string;
  readonly change: number;
  readonly at: string;
}

let files = 0;

async function count(...counts: readonly Count[]): Promise<void> {
  files += 1;
  await sql`
    insert into bronze.raw_inventory (store_id, sku, on_hand_qty, reserved_qty, last_count_ts,
      _source, _revision, _load, _position, _record_hash)
    select 'S1', coalesce(sku, 'milk'), "onHand", reserved, at, ${`inventory/${files}.csv`}, 1, ${files}::bigint,
      row_number() over (), md5(random()::text)::uuid
    from jsonb_to_recordset(${JSON.stringify(counts)}::jsonb) as c (sku text, "onHand" int, reserved int, at timestamp)`.execute(
    shop.admin,
  );
}

async function move(...movements: readonly Movement[]): Promise<void> {
  files += 1;
  await sql`
    insert into bronze.raw_pos_events (store_id, sku, quantity_change, event_ts,
      _source, _revision, _load, _position, _record_hash)
    select 'S1', coalesce(sku, 'milk'), change, at, ${`pos_events/${files}.jsonl`}, 1, ${files}::bigint,
      row_number() over (), md5(random()::text)::uuid
    from jsonb_to_recordset(${JSON.stringify(movements)}::jsonb) as m (sku text, change int, at timestamp)`.execute(
    shop.admin,
  );
}

async function load(): Promise<void> {
  for (const model of ['stg_inventory', 'stg_pos_events', 'inventory_realtime'])
    await shop.load(model, runOf('hour'));
}

async function stock(): Promise<readonly string[]> {
  const { rows } = await sql<{ row: string }>`
    select concat_ws(' ', sku, available_qty, net_movement, projected_qty, status) as row
    from gold.inventory_realtime order by sku`.execute(shop.admin);
  return rows.map(({ row }) => row);
}

/** The same over bronze, as anybody would write it. */
async function expected(): Promise<readonly string[]> {
  const { rows } = await sql<{ row: string }>`
    with latest as (
      select sku, max(last_count_ts) as at from bronze.raw_inventory group by sku
    ), counted as (
      select distinct on (c.sku) c.sku, c.on_hand_qty - coalesce(c.reserved_qty, 0) as available, latest.at
      from bronze.raw_inventory as c join latest on latest.sku = c.sku and latest.at = c.last_count_ts
      order by c.sku, c._load desc, c._position desc
    ), moved as (
      select counted.sku, coalesce(sum(m.quantity_change), 0) as net
      from counted left join bronze.raw_pos_events as m on m.sku = counted.sku and m.event_ts > counted.at
      group by counted.sku
    )
    select concat_ws(' ', sku, available, net, available + net,
      case when available + net < 0 then 'OVERSOLD' when available + net < 5 then 'LOW' else 'OK' end) as row
    from counted join moved using (sku) order by sku`.execute(shop.admin);
  return rows.map(({ row }) => row);
}

const hour = (number: number): string =>
  `2017-01-${String(6 + Math.floor(number / 24)).padStart(2, '0')}T${String(number % 24).padStart(2, '0')}:00:00`;

describe('inventory_realtime', () => {
  test('counts every movement since the last count, whenever it came', async () => {
    await count({ onHand: 20, reserved: 2, at: hour(5) });
    await move({ change: -3, at: hour(4) }, { change: -4, at: hour(5) }, { change: -5, at: hour(6) });
    await load();
    expect(await stock()).toEqual(['milk 18 -5 13 OK']);
    await move({ change: -9, at: hour(6) }); // Late.
    await load();
    expect(await stock()).toEqual(['milk 18 -14 4 LOW']);
    await move({ change: -5, at: hour(7) });
    await load();
    expect(await stock()).toEqual(['milk 18 -19 -1 OVERSOLD']);
  });

  test('begins anew at a count, and a count of an earlier time that comes later changes nothing', async () => {
    await count({ onHand: 20, at: hour(5) });
    await move({ change: -5, at: hour(6) }, { change: -2, at: hour(9) });
    await load();
    await count({ onHand: 40, reserved: 1, at: hour(8) });
    await load();
    expect(await stock()).toEqual(['milk 39 -2 37 OK']);
    await count({ onHand: 7, at: hour(7) });
    await load();
    expect(await stock()).toEqual(['milk 39 -2 37 OK']);
  });

  test('takes a count that was mended, and has no row for what was never counted', async () => {
    await count({ onHand: 20, at: hour(5) });
    await move({ sku: 'bread', change: -1, at: hour(6) });
    await load();
    await count({ onHand: 4, reserved: null, at: hour(5) });
    await load();
    expect(await stock()).toEqual(['milk 4 0 4 LOW']);
  });

  test('looks touched products up by index', async () => {
    await sql`insert into silver.stg_pos_events (store_id, sku, quantity_change, event_ts, _source, _revision, _load, _position)
      select 'S' || n % 20, 'P' || n % 1000, -1, '2017-01-06'::timestamp + n * interval '1 second', 'f', 1, 1, n
      from generate_series(1, 100000) as n`.execute(shop.admin);
    await sql`insert into silver.stg_inventory (store_id, sku, on_hand_qty, reserved_qty, last_count_ts, _source, _revision, _load, _position)
      select 'S' || n % 20, 'P' || n % 1000, 9, 0, '2017-01-06'::timestamp, 'f', 1, 1, n
      from generate_series(1, 1000) as n`.execute(shop.admin);
    await sql`analyze silver.stg_pos_events, silver.stg_inventory`.execute(shop.admin);
    const { rows } = await shop.admin.transaction().execute(async (trx) => {
      await sql`insert into touched.inventory_realtime_keys (load_id, store_id, sku) values (1, 'S1', 'P1')`.execute(
        trx,
      );
      await sql`select set_config('weir.load_id', '1', true), set_config('search_path', 'as_of, pg_catalog', true)`.execute(
        trx,
      );
      const model = (await readGraph(folders)).byName.get('inventory_realtime');
      if (model === undefined || !('sql' in model)) throw new Error('no model');
      return sql`explain ${sql.raw(model.sql)}`.execute(trx);
    });
    const plan = JSON.stringify(rows);
    // Others are of the branch that psql reads without a load.
    expect(plan).not.toMatch(/Seq Scan on stg_\w+ (movements|counts)/);
    expect(plan).toMatch(/stg_pos_events_store_id_sku_event_ts/);
  });

  test.each([1, 2, 3])('is what plain SQL says of everything that landed, seed %i', async (seed) => {
    const { integer } = seeded(seed);
    const sku = (): string => `P${integer(5)}`;
    const at = (): string => hour(integer(48));
    for (let step = 0; step < 14; step += 1) {
      const dice = integer(5);
      if (dice < 2) {
        const counted = Array.from({ length: 3 }, () => ({ sku: sku(), at: at() }));
        const distinct = new Map(counted.map((one) => [`${one.sku} ${one.at}`, one])).values();
        await count(...[...distinct].map((one) => ({ ...one, onHand: integer(30), reserved: 1 })));
      } else if (dice < 4) {
        const moved = Array.from({ length: 5 }, () => ({ sku: sku(), at: at(), change: integer(20) - 12 }));
        await move(...moved);
      } else await load();
    }
    await load();
    expect(await stock()).toEqual(await expected());
    expect((await stock()).length).toBeGreaterThan(2);
  });
});
