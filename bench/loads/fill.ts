import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { applySettings } from '../../activities/load-window.ts';
import type { DatabaseTransaction } from '../../activities/databases.ts';
import { readPublishedModel } from '../../activities/published-model.ts';
import type { Base } from './database.ts';
import { folders } from './database.ts';

/** Every load of the bench is judged as of now. Fixed, so that the rows are the same each time. */
export const asOf = '2026-01-31T13:00:00.000Z';
/** The last of ten days; what is there of it before the hour ends at 12:00. */
export const lastDay = '2026-01-31';

/** When everything lands that is not of the ten days; those land each at its noon. UTC. */
export const hourLanded = `${lastDay} 13:00:00`;

const DAYS = 10;
/** Stores of the chain; every row names one of them. */
export const storeCount = 1000;

const silver = 'silver.stg_transactions';
const gold = 'gold.fct_daily_sales';

/**
 * Fills a base unless it is full: bronze of ten days, and silver and gold as the models' own SELECTs make them of it.
 * Targets lose their indexes for it and get them again: built at once they are as dense as a new index is.
 */
export async function fillBase(base: Base, onProgress: (line: string) => void): Promise<void> {
  const { admin, rows, size } = base;
  if (await isFull(base)) return;
  onProgress(`${size}: filling bronze`);
  await makePartitions(base);
  await sql`truncate bronze.raw_transactions, silver.stg_transactions, gold.fct_daily_sales, gold.dim_stores`.execute(
    admin,
  );
  await sql`insert into gold.dim_stores (store_id, store_name, region, district, store_format, store_size_sqft)
    select 'STORE_' || lpad(n::text, 5, '0'), 'Store ' || n, 'Region ' || n % 5, 'District ' || n % 25, 'EXPRESS', 5000 + n
    from generate_series(1, ${storeCount}) as n`.execute(admin);
  await sql`${landing(madeOfTenDays(rows))}`.execute(admin);
  // What dbt's incremental models read by; nobody else is slowed down by it, as bronze is filled already.
  await sql`create index if not exists raw_transactions_loaded_at on bronze.raw_transactions (loaded_at)`.execute(
    admin,
  );
  await sql`vacuum analyze bronze.raw_transactions`.execute(admin);
  await sql`analyze gold.dim_stores`.execute(admin);
  for (const name of ['stg_transactions', 'fct_daily_sales']) {
    onProgress(`${size}: filling ${name}`);
    await fillTarget(base, name);
  }
  // Said last: a fill that was broken off is begun again.
  await sql`comment on table gold.fct_daily_sales is 'full'`.execute(admin);
  await sql`checkpoint`.execute(admin);
}

/** A partition for each day, as housekeeping would have made them in time; the deploy's own begin today. */
async function makePartitions({ admin }: Base): Promise<void> {
  await sql`
    do $$
    declare wanted date;
    begin
      if (select relkind from pg_class where oid = 'bronze.raw_transactions'::regclass) <> 'p' then return; end if;
      for wanted in select d::date from generate_series(${sql.lit(lastDay)}::timestamp - ${sql.lit(DAYS - 1)} * interval '1 day',
        ${sql.lit(lastDay)}::timestamp, '1 day') as d
      loop
        execute format('create table if not exists bronze_partition.%I partition of bronze.raw_transactions for values from (%L) to (%L)',
          'raw_transactions_' || to_char(wanted, 'YYYYMMDD'), wanted, wanted + 1);
      end loop;
    end $$`.execute(admin);
}

async function isFull({ admin, rows }: Base): Promise<boolean> {
  const { rows: found } = await sql<{ full: boolean }>`
    select obj_description(${gold}::regclass, 'pg_class') = 'full' as full`.execute(admin);
  if (found[0]?.full !== true) return false;
  const counted = await sql<{ n: number }>`select count(*) as n from ${sql.raw(silver)}`.execute(admin);
  return counted.rows[0]?.n === rows;
}

async function fillTarget({ admin }: Base, name: string): Promise<void> {
  const { model } = await readPublishedModel(folders, name);
  const table = sql.table(model.relation);
  await admin.transaction().execute(async (trx) => {
    const indexes = await dropIndexes(trx, model.relation);
    await applySettings(trx, [
      ['search_path', 'as_of, pg_catalog'],
      ['weir.as_of', asOf],
    ]);
    const { rows } = await sql<{ name: string }>`
      select attname as name from pg_attribute
      where attrelid = ${model.relation}::regclass and attnum > 0 and not attisdropped and attname <> '_xid'`.execute(
      trx,
    );
    const columns = sql.join(rows.map((column) => sql.id(column.name)));
    await sql`insert into ${table} (${columns}) select ${columns} from (${sql.raw(model.sql)}) as made`.execute(
      trx,
    );
    for (const index of indexes) await sql.raw(index).execute(trx);
  });
  await sql`vacuum analyze ${table}`.execute(admin);
}

/** @returns the statements that make them again. */
async function dropIndexes(trx: DatabaseTransaction, relation: string): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string; statement: string }>`
    select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as statement
    from pg_index where indrelid = ${relation}::regclass`.execute(trx);
  for (const { name } of rows) await sql`drop index ${sql.raw(name)}`.execute(trx);
  return rows.map(({ statement }) => statement);
}

/** New rows of the last day from 12:00 to 13:00, of one file, as an extraction would have landed them. */
export async function landHour({ admin }: Base, rows: number, file: string): Promise<void> {
  const seconds = sql`43200 + (n - 1) * 3599 / ${sql.lit(rows)}`;
  const made = sql`select n, ${file}::text as file, n as position, ${sql.lit(lastDay)}::timestamp + (${seconds}) * interval '1 second' as paid,
    ${file}::text || n as id, ${sql.lit(hourLanded)}::timestamp as landed
    from generate_series(1::bigint, ${sql.lit(rows)}::bigint) as n`;
  await sql`${landing(made)}`.execute(admin);
  await sql`analyze bronze.raw_transactions`.execute(admin);
}

/** As many rows a day; of the last day only its first half, so that an hour of it is still to come. */
function madeOfTenDays(rows: number): RawBuilder<unknown> {
  const perDay = rows / DAYS;
  return sql`
    select n, 'transactions/day-' || day || '.jsonl' as file, place + 1 as position, n::text as id,
      ${sql.lit(lastDay)}::timestamp - (${sql.lit(DAYS - 1)} - day) * interval '1 day' + interval '12 hours' as landed,
      ${sql.lit(lastDay)}::timestamp - (${sql.lit(DAYS - 1)} - day) * interval '1 day'
        + place * (case when day = ${sql.lit(DAYS - 1)} then 43199 else 86399 end) / ${sql.lit(perDay)} * interval '1 second' as paid
    from (select n, (n - 1) / ${sql.lit(perDay)} as day, (n - 1) % ${sql.lit(perDay)} as place
      from generate_series(1::bigint, ${sql.lit(rows)}::bigint) as n) as numbered`;
}

/** Rows of some 360 bytes; ids are random as far as an index is concerned. */
function landing(made: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    insert into bronze.raw_transactions
      (transaction_id, store_id, terminal_id, customer_id, transaction_timestamp, total_amount, payment_method, items,
       anomaly_detected, anomaly_reasons, loaded_at, _source, _revision, _load, _position, _record_hash)
    select md5(id)::uuid::text,
      'STORE_' || lpad(store::text, 5, '0'),
      'T' || lpad(store::text, 5, '0') || '-' || 1 + n % 12,
      'C' || (1 + n * 7919 % 2400000),
      paid,
      (n * 6151 % 30000) / 100.0,
      (array['CREDIT', 'DEBIT', 'CASH', 'MOBILE'])[1 + n % 4],
      jsonb_build_array(
        jsonb_build_object('product_id', (800000 + n * 31 % 92331)::text, 'quantity', 1 + n % 3, 'sales_value', n % 2000 / 100.0),
        jsonb_build_object('product_id', (800000 + n * 37 % 92331)::text, 'quantity', 1, 'sales_value', 2.5)),
      n % 200 = 0,
      case when n % 200 = 0 then array['AMOUNT_OUTLIER'] else '{}'::text[] end,
      landed, file, 1, (select nextval('control.load_sequence')), position, md5(id)::uuid
    from (select made.*, 1 + n * 617 % ${sql.lit(storeCount)} as store from (${made}) as made) as rows`;
}
