import { sql } from 'kysely';
import type { Database } from '../../../activities/databases.ts';
import type { Random } from '../../invariants/random.ts';
import type { Counts } from '../kinds.ts';

const stores = 6;

/** The store of a number from 1. */
export function storeName(number: number): string {
  return `STORE_${String(number).padStart(5, '0')}`;
}

/** A store that sells something; one of them is unknown to the operational system until it is added, if ever. */
export function anyStore(random: Random): string {
  return storeName(1 + random.integer(stores));
}

/** What the table reader reads. */
export async function createOperational(admin: Database): Promise<void> {
  await sql`create schema operational`.execute(admin);
  await sql`
    create table operational.stores (
      store_id text primary key, store_name text, region text, district text, store_format text,
      store_size_sqft int, opens_at time, closes_at time, opened_on date)`.execute(admin);
  await sql`
    create table operational.products (
      product_id text primary key, manufacturer_id text, department text, brand text,
      product_category text, product_type text, package_size text)`.execute(admin);
  await sql`
    insert into operational.products
    select n::text, '1', 'GROCERY', 'National', 'ICE', 'CUBED', '22 LB' from generate_series(1, 20) n`.execute(
    admin,
  );
  for (let number = 1; number < stores; number += 1) await addStore(admin, storeName(number), number);
  await sql`grant usage on schema operational to weir_loader`.execute(admin);
  await sql`grant select on all tables in schema operational to weir_loader`.execute(admin);
}

async function addStore(db: Database, store: string, size: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into operational.stores
    values (${store}, ${`Store ${store}`}, 'WEST', 'WEST-1', 'EXPRESS', ${size * 100}, '06:00', '23:00', '1999-01-01')
    on conflict do nothing`.execute(db);
  return numAffectedRows === 1n;
}

/** One step of whoever keeps the stores: a row changes, goes away or comes; so do products. */
export async function changeStores(db: Database, random: Random, counts: Counts): Promise<void> {
  const [what, store, size, region] = [
    random.integer(10),
    anyStore(random),
    random.integer(40),
    random.pick(['WEST', 'EAST', 'NORTH']),
  ];
  if (what < 2) {
    const { numAffectedRows } = await sql`delete from operational.stores where store_id = ${store}`.execute(
      db,
    );
    counts.storesRemoved += Number(numAffectedRows ?? 0n);
    return;
  }
  if (await addStore(db, store, size)) {
    counts.storesAdded += 1;
    return;
  }
  await sql`update operational.stores set region = ${region}, store_size_sqft = ${size * 100} where store_id = ${store}`.execute(
    db,
  );
  await sql`update operational.products set brand = ${region} where product_id = ${String(1 + random.integer(25))}`.execute(
    db,
  );
  counts.storesChanged += 1;
}
