import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';
import type { Indexed } from './rows.ts';

/** Every load of the bench is judged as of now. Fixed, so that the rows are the same each time. */
export const asOf = '2026-01-31T12:00:00.000Z';

/** Stores of the chain; every row names one of them. */
const storeCount = 1000;

/** The tables of the bench are candidates, as a load stages them: in this schema, unlogged, read by the validator. */
export const schema = 'candidate';

/** `transactions_1m` for a million rows. */
export function tableOf(rows: number): string {
  return `transactions_${rows}`;
}

/** Stores as the parameter query of the gate reads them. */
export async function fillStores(admin: Database): Promise<readonly string[]> {
  await sql`
    insert into gold.dim_stores (store_id)
    select 'STORE_' || lpad(n::text, 5, '0') from generate_series(1, ${storeCount}) n
    where not exists (select from gold.dim_stores)`.execute(admin);
  await sql`vacuum analyze gold.dim_stores`.execute(admin);
  const { rows } = await sql<{ id: string }>`select store_id as id from gold.dim_stores order by 1`.execute(
    admin,
  );
  return rows.map(({ id }) => id);
}

/**
 * Makes a table of `raw_transactions`' columns and fills it, unless it is there and full. Every row keeps every promise
 * of the suite, and the same number of rows is always the same rows: as many a second as fill a day that ends at as-of.
 */
export async function fillTransactions(admin: Database, rows: number): Promise<void> {
  const name = tableOf(rows);
  const table = sql.id(schema, name);
  if (await isFull(admin, name, rows)) return;
  await sql`drop table if exists ${table}`.execute(admin);
  await sql`
    create unlogged table ${table} (
      transaction_id text, store_id text, terminal_id text, customer_id text, transaction_timestamp timestamp,
      total_amount numeric(12,2), payment_method text, items jsonb, anomaly_detected boolean, anomaly_reasons text[],
      kafka_offset bigint, kafka_partition integer, loaded_at timestamp default now()
    ) with (autovacuum_enabled = off)`.execute(admin);
  await sql`insert into ${table} ${transactions(rows)}`.execute(admin);
  await sql`vacuum analyze ${table}`.execute(admin);
  await sql`alter table ${table} owner to weir_loader`.execute(admin);
  await sql`grant select on ${table} to weir_validator`.execute(admin);
  // Said last: a fill that was broken off is begun again.
  await sql`comment on table ${table} is 'full'`.execute(admin);
  await sql`checkpoint`.execute(admin);
}

async function isFull(admin: Database, name: string, rows: number): Promise<boolean> {
  const { rows: found } = await sql<{ full: boolean }>`
    select obj_description(to_regclass(${`${schema}.${name}`}), 'pg_class') = 'full' as full`.execute(admin);
  if (found[0]?.full !== true) return false;
  // An unlogged table is empty after a crash.
  const counted = await sql<{ n: number }>`select count(*) as n from ${sql.id(schema, name)}`.execute(admin);
  return counted.rows[0]?.n === rows;
}

/** The modulus is a prime above any number of rows, so that no two rows share an id; ids come in no order. */
function transactions(rows: number) {
  return sql`
    select
      (30000000000 + n * 48271 % 2147483647)::text,
      'STORE_' || lpad(store::text, 5, '0'),
      'T' || lpad(store::text, 5, '0') || '-' || 1 + n % 12,
      (1 + n * 7919 % 2400000)::text,
      date_trunc('second', ${asOf}::timestamptz at time zone 'UTC' - (${rows}::bigint - n) * interval '86340 seconds' / ${rows}::bigint)
        - interval '20 seconds',
      (n * 6151 % 30000) / 100.0,
      (array['CREDIT', 'DEBIT', 'CASH', 'MOBILE'])[1 + n % 4],
      ('[{"product_id": "' || 800000 + n * 31 % 92331 || '", "quantity": ' || 1 + n % 3 || ', "sales_value": '
        || n % 2000 / 100.0 || '}, {"product_id": "' || 800000 + n * 37 % 92331 || '", "quantity": 1, "sales_value": 2.5}]')::jsonb,
      n % 200 = 0,
      case when n % 200 = 0 then array['AMOUNT_OUTLIER'] else '{}'::text[] end,
      n / 100,
      (n % 100)::int,
      ${asOf}::timestamptz at time zone 'UTC'
    from (select n, 1 + n * 617 % ${sql.lit(storeCount)} as store from generate_series(1, ${rows}::bigint) n) as made`;
}

/** Makes the table's unique index on transaction_id be there, or not. */
export async function setIndex(admin: Database, rows: number, indexed: Indexed): Promise<void> {
  const [name, table] = [tableOf(rows), sql.id(schema, tableOf(rows))];
  await admin.transaction().execute(async (trx) => {
    // A tool that leaves a transaction open must not hold the bench up for ever.
    await sql`set local lock_timeout = '1min'`.execute(trx);
    await sql`drop index if exists ${sql.id(schema, `${name}_key`)}`.execute(trx);
    if (indexed === 'unique index')
      await sql`create unique index ${sql.id(`${name}_key`)} on ${table} (transaction_id)`.execute(trx);
  });
  // The page cache should hold it for whoever comes first.
  await sql`select count(total_amount) from ${table}`.execute(admin);
  await sql`checkpoint`.execute(admin);
}

/** Drops the bench's tables and empties bronze; the cluster stays, it is small. */
export async function clearTables(admin: Database): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = ${schema} and tablename like 'transactions\\_%'`.execute(
    admin,
  );
  for (const { name } of rows) await sql`drop table ${sql.id(schema, name)}`.execute(admin);
  await sql`truncate bronze.raw_transactions`.execute(admin);
}
