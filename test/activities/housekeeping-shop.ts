import { Client, Connection } from '@temporalio/client';
import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';
import { createHousekeep } from '../../activities/housekeeping.ts';
import type { ChoreName, ChoreReport } from '../../activities/housekeeping.ts';
import { folders } from './shop.ts';
import type { Shop } from './shop.ts';

/** Does one chore in a shop, without a Temporal to ask: for chores that ask none. */
export async function chore(shop: Shop, name: ChoreName, dryRun = false): Promise<ChoreReport> {
  const client = new Client({ connection: Connection.lazy() });
  const { housekeep } = createHousekeep({ databases: shop.database.databases, folders, client });
  return await housekeep({ chore: name, dryRun });
}

/** Makes partitions of past days of a source, as housekeeping had made them then. @param days from today, below 0. */
export async function makePastDays(admin: Database, source: string, days: readonly number[]): Promise<void> {
  for (const day of days) {
    const { rows } = await sql<{ name: string; first: string; after: string }>`
      select control.bronze_partition_name(${source}, to_char(control.utc_day() + ${day}::int, 'YYYYMMDD')) as name,
        (control.utc_day() + ${day}::int)::text as first, (control.utc_day() + ${day}::int + 1)::text as after`.execute(
      admin,
    );
    const { name = '', first = '', after = '' } = rows[0] ?? {};
    await sql`create table ${sql.id('bronze_partition', name)} partition of ${sql.id('bronze', source)}
      for values from (${sql.lit(first)}) to (${sql.lit(after)})`.execute(admin);
    await sql`alter table ${sql.id('bronze_partition', name)} owner to weir_migrator`.execute(admin);
    await sql`grant maintain on ${sql.id('bronze_partition', name)} to weir_loader`.execute(admin);
    await sql`insert into control.bronze_partition (partition, source, from_day, to_day)
      values (${name}, ${source}, ${first}::date, ${after}::date)`.execute(admin);
  }
}

/** Lands transactions as if they had arrived some days ago. */
export async function landDaysAgo(db: Database, days: number, ids: readonly string[]): Promise<void> {
  await sql`
    insert into bronze.raw_transactions
      (transaction_id, store_id, terminal_id, customer_id, transaction_timestamp, total_amount, payment_method, items,
       loaded_at, _source, _revision, _load, _position, _record_hash)
    select id, 'STORE_00001', 'T1', 'C1', '2017-01-30T10:00:00', 10, 'CASH', '[{}]',
      control.utc_day()::timestamp - make_interval(days => ${days}::int) + interval '12 hours',
      ${ids.join()}, 1, nextval('control.load_sequence'), place, md5(id)::uuid
    from unnest(${[...ids]}::text[]) with ordinality as t (id, place)`.execute(db);
}

/** The partitions of a source that are there, by name without the source's. */
export async function partitionsOf(admin: Database, source: string): Promise<readonly string[]> {
  const { rows } = await sql<{ partition: string }>`
    select substr(c.relname, length(${source}) + 2) as partition
    from pg_inherits as i join pg_class as c on c.oid = i.inhrelid
    where i.inhparent = to_regclass('bronze.' || ${source}) order by 1`.execute(admin);
  return rows.map(({ partition }) => partition);
}
