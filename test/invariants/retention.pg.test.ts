import { sql } from 'kysely';
import type { ControlledTransaction } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ControlTables, Database } from '../../activities/databases.ts';
import { takeSnapshot } from '../../activities/snapshot.ts';
import { chore, landDaysAgo, makePastDays } from '../activities/housekeeping-shop.ts';
import { openShop, runOf } from '../activities/shop.ts';
import { withinOne } from '../setup/within-one.ts';
import type { Shop } from '../activities/shop.ts';
import { seeded } from './random.ts';
import type { Random } from './random.ts';

/*
 * Rows arrive on days around the end of the retention (90 days), in transactions that commit, roll back or stay open
 * while others come and go; loads open, publish and are given up; a second model's watermark lags behind; and every now
 * and then housekeeping takes what it may. A shadow of every row tells what has been taken.
 */
let shop: Shop;
beforeEach(async () => {
  await withinOne('day', { roomMs: 60_000 });
  shop = await openShop();
  const days = Array.from({ length: OLDEST - 88 }, (_, n) => -89 - n);
  await makePastDays(
    shop.admin,
    'raw_transactions',
    days.filter((day) => day !== UNPARTITIONED),
  );
  await sql`create table public.shadow (id text primary key, day int, xid xid8)`.execute(shop.admin);
});
afterEach(() => shop.database.drop());

const STEPS = 60;
/** Days ago on which rows arrive, at most. */
const OLDEST = 112;
const UNPARTITIONED = -95;

test.each([1, 2])(
  'retention takes no row that a watermark has not passed, and everything it may (seed %i)',
  async (seed) => {
    const random = seeded(seed);
    const world: World = {
      writers: [],
      loads: [],
      seen: { dropped: 0, deleted: 0, kept: 0, committedLate: 0 },
    };
    for (let step = 0; step < STEPS; step += 1) await oneStep(random, world, `${seed}-${step}`);
    for (const writer of world.writers.splice(0)) await writer.commit().execute();
    await giveUpLoads(world);
    await shop.load('stg_transactions', runOf(`last-${seed}`));
    await sql`update control.watermark set snapshot = (select snapshot from control.watermark where model = 'stg_transactions')
      where model = 'laggard'`.execute(shop.admin);
    await keepHouse(world);

    for (const [what, times] of Object.entries(world.seen)) expect(times, what).toBeGreaterThan(0);
    const { rows: lost } = await sql`
      select id from public.shadow except select transaction_id from silver.stg_transactions`.execute(
      shop.admin,
    );
    expect(lost).toEqual([]);
    // In the end everybody has passed everything: what is beyond the retention is gone, and nothing else.
    const { rows: days } = await sql<{ old: boolean; there: number; landed: number }>`
      select s.day > 90 as old, count(b.transaction_id) as there, count(*) as landed
      from public.shadow as s left join bronze.raw_transactions as b on b.transaction_id = s.id
      group by 1 order by 1`.execute(shop.admin);
    expect(days.map(({ old, there, landed }) => [old, there === landed ? 'all' : there])).toEqual([
      [false, 'all'],
      [true, 0],
    ]);
  },
);

interface World {
  readonly writers: ControlledTransaction<ControlTables>[];
  readonly loads: { readonly loadId: number; readonly name: string }[];
  readonly seen: { dropped: number; deleted: number; kept: number; committedLate: number };
}

async function oneStep(random: Random, world: World, name: string): Promise<void> {
  const what = random.integer(20);
  if (what < 9) await write(random, world, name);
  else if (what < 11) await endWriter(random, world);
  else if (what < 14) await publish(world, name);
  else if (what < 15) await openAndLeave(random, world, name);
  else if (what < 16) await moveLaggard(random);
  else if (what < 17) await commitBehindWatermark(random, world, name);
  else await keepHouse(world);
}

/** Day 95 has no partition, nor has one that was dropped: rows of it lie in the default one. */
async function write(random: Random, { writers }: World, name: string): Promise<void> {
  const day = random.chance(0.2) ? -UNPARTITIONED : 88 + random.integer(OLDEST - 87);
  const ids = Array.from({ length: 1 + random.integer(3) }, (_, n) => `${name}-${n}`);
  const trx = await shop.admin.startTransaction().execute();
  await land(trx, day, ids);
  if (random.chance(0.15) && writers.length < 2) writers.push(trx);
  else if (random.chance(0.1)) await trx.rollback().execute();
  else await trx.commit().execute();
}

async function endWriter(random: Random, { writers }: World): Promise<void> {
  const writer = writers.shift();
  if (writer === undefined) return;
  await (random.chance(0.3) ? writer.rollback() : writer.commit()).execute();
}

/** Writes before others do, and commits when a watermark stands behind them: it had seen the row in flight. */
async function commitBehindWatermark(random: Random, world: World, name: string): Promise<void> {
  for (const writer of world.writers.splice(0)) await writer.commit().execute();
  const day = 200 + world.seen.committedLate;
  await makePastDays(shop.admin, 'raw_transactions', [-day]);
  const trx = await shop.admin.startTransaction().execute();
  await land(trx, day, [`${name}-late`]);
  await write(random, world, `${name}-after`);
  await publish(world, name);
  await moveLaggard(random);
  await trx.commit().execute();
  world.seen.committedLate += 1;
  await keepHouse(world);
}

async function land(trx: Database, day: number, ids: readonly string[]): Promise<void> {
  await landDaysAgo(trx, day, ids);
  await sql`
    insert into public.shadow select id, ${day}::int, pg_current_xact_id() from unnest(${[...ids]}::text[]) as id`.execute(
    trx,
  );
}

async function giveUpLoads({ loads }: World): Promise<void> {
  for (const { name } of loads.splice(0))
    await shop.release({ model: 'stg_transactions', run: runOf(name), outcome: 'abandoned' });
}

async function publish(world: World, name: string): Promise<void> {
  await giveUpLoads(world);
  await shop.load('stg_transactions', runOf(name));
}

/** Left open, by arrival or over an interval: a held load. */
async function openAndLeave(random: Random, world: World, name: string): Promise<void> {
  await giveUpLoads(world);
  const interval = { start: '2017-01-30T00:00:00Z', end: '2017-01-31T00:00:00Z' };
  const { loadId } = await shop.openWindow(
    'stg_transactions',
    runOf(name),
    random.chance(0.5) ? { interval } : {},
  );
  world.loads.push({ loadId, name });
}

/** A second model that reads the same delta, as its watermark tells; it comes once a load is there to refer to. */
async function moveLaggard(random: Random): Promise<void> {
  const { snapshot, systemIdentifier, timeline } = await takeSnapshot(shop.database.databases.loader);
  if (random.chance(0.4)) return;
  await sql`
    insert into control.watermark (model, relation, snapshot, system_identifier, timeline, load_id)
    select 'laggard', 'raw_transactions', ${snapshot}::pg_snapshot, ${systemIdentifier}, ${timeline}::int, max(load_id)
    from control.load having max(load_id) is not null
    on conflict (model, relation) do update set snapshot = excluded.snapshot`.execute(shop.admin);
}

async function keepHouse({ writers, seen }: World): Promise<void> {
  const before = await there();
  const may = await mayGo(shop.admin);
  const { left } = await chore(shop, 'retention');
  const after = await there();
  const gone = before.filter((id) => !after.includes(id)).toSorted();
  if (writers.length > 0) {
    // Somebody writes, so that nothing can be dropped; what was deleted may go.
    expect(may).toEqual(expect.arrayContaining(gone));
    return;
  }
  expect(gone).toEqual(may);
  if (gone.length > 0) seen.dropped += 1;
  if (left.length > 0) seen.kept += 1;
  const { rows } = await sql<{ rows: number }>`
    select coalesce(sum(rows), 0)::int as rows from control.dropped_partition where partition like '%default'`.execute(
    shop.admin,
  );
  seen.deleted = rows[0]?.rows ?? 0;
}

async function there(): Promise<readonly string[]> {
  const { rows } = await sql<{
    id: string;
  }>`select transaction_id as id from bronze.raw_transactions`.execute(shop.admin);
  return rows.map(({ id }) => id);
}

/** What may go, asked row by row: a day goes as a whole, of the default partition each row by itself. */
async function mayGo(admin: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    with claim as (
      select w.snapshot from control.watermark as w where w.relation = 'raw_transactions'
      union all
      select case l.read_window ->> 'kind' when 'arrival'
        then (l.read_window -> 'deltas' -> 'raw_transactions' ->> 'from')::pg_snapshot end
      from control.load as l where l.state in ('open', 'staged') and l.model = 'stg_transactions'
      union all
      select null where not exists (select from control.watermark where model = 'stg_transactions' and relation = 'raw_transactions')
    ),
    old as (
      select b.transaction_id as id, b.tableoid as partition, b.tableoid::regclass::text like '%default' as by_row, not exists (
        select from claim as c where c.snapshot is null or not pg_visible_in_snapshot(s.xid, c.snapshot)) as passed
      from bronze.raw_transactions as b join public.shadow as s on s.id = b.transaction_id where s.day > 90
    )
    select id from old where passed and (by_row or partition not in (select partition from old where not passed)) order by id`.execute(
    admin,
  );
  return rows.map(({ id }) => id).toSorted();
}
