import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

/** A table, and what plain SQL computes it to be from everything committed. */
export interface Expected {
  readonly table: string;
  readonly rows: RawBuilder<unknown>;
}

/** Of what was delivered, that which no later revision of its file has replaced. */
function standing(source: 'raw_transactions' | 'raw_pos_events' | 'raw_inventory'): RawBuilder<unknown> {
  return sql`(
    select b.* from ${sql.table(`bronze.${source}`)} as b
    where (b._source, b._revision) not in (select file, revision from control.retraction where source = ${source}))`;
}

/** Of two arrivals of one transaction the later stands; an amount below 0 is 0, one above 100000 unknown. */
const stgTransactions = sql`
  select transaction_id, store_id, terminal_id, customer_id, transaction_timestamp,
    cast(transaction_timestamp as date) as transaction_date,
    cast(date_part('hour', transaction_timestamp) as int) as transaction_hour,
    cast(case when total_amount <= 100000 then greatest(total_amount, 0) end as numeric(12, 2)) as total_amount,
    payment_method, items, jsonb_array_length(items) as item_count, anomaly_detected, anomaly_reasons, loaded_at,
    _source, _revision, _load, _position
  from (
    select *, rank() over (partition by transaction_id order by _revision desc, _load desc, _position desc) as place
    from ${standing('raw_transactions')} as b
    where transaction_id is not null and store_id is not null and total_amount is not null
  ) as ranked
  where place = 1`;

/** A movement has no id: it is known by where it stands. */
const stgPosEvents = sql`
  select store_id, sku, quantity_change, event_ts, loaded_at, _source, _revision, _load, _position
  from (
    select *, rank() over (partition by _source, _position order by _revision desc, _load desc) as place
    from ${standing('raw_pos_events')} as b
    where store_id is not null and sku is not null and quantity_change is not null and event_ts is not null
  ) as ranked
  where place = 1`;

/** Sales of a day and store; a store that is gone keeps them without its name. */
const fctDailySales = sql`
  select md5(to_char(day, 'YYYY-MM-DD') || '|' || sold.store_id) as daily_sales_key, day as transaction_date, sold.store_id,
    transaction_count, unique_customers, gross_sales, avg_transaction_value, median_transaction_value, total_items_sold,
    avg_items_per_transaction, credit_transactions, debit_transactions, cash_transactions, anomaly_count,
    morning_transactions, afternoon_transactions, evening_transactions,
    o.store_name, o.region, o.district, o.store_format, o.store_size_sqft,
    case when o.store_size_sqft <> 0 then round(gross_sales / o.store_size_sqft, 2) end as sales_per_sqft,
    case when unique_customers <> 0 then round(gross_sales / unique_customers, 2) end as revenue_per_customer
  from (
    select transaction_date as day, store_id, count(distinct transaction_id) as transaction_count,
      count(distinct customer_id) as unique_customers, coalesce(sum(total_amount), 0) as gross_sales,
      round(avg(total_amount), 2) as avg_transaction_value,
      round(cast(percentile_cont(0.5) within group (order by total_amount) as numeric), 2) as median_transaction_value,
      coalesce(sum(item_count), 0) as total_items_sold, round(avg(item_count), 2) as avg_items_per_transaction,
      sum(cast(payment_method = 'CREDIT' as int)) as credit_transactions,
      sum(cast(payment_method = 'DEBIT' as int)) as debit_transactions,
      sum(cast(payment_method = 'CASH' as int)) as cash_transactions,
      sum(cast(coalesce(anomaly_detected, false) as int)) as anomaly_count,
      sum(cast(transaction_hour between 6 and 11 as int)) as morning_transactions,
      sum(cast(transaction_hour between 12 and 17 as int)) as afternoon_transactions,
      sum(cast(transaction_hour between 18 and 21 as int)) as evening_transactions
    from (${stgTransactions}) as stg
    where transaction_timestamp is not null
    group by transaction_date, store_id
  ) as sold
  left join operational.stores as o on o.store_id = sold.store_id`;

/** Of two arrivals of one count the later stands. */
const stgInventory = sql`
  select store_id, sku, last_count_ts, on_hand_qty, coalesce(reserved_qty, 0) as reserved_qty, loaded_at,
    _source, _revision, _load, _position
  from (
    select *, rank() over (
      partition by store_id, sku, last_count_ts order by _revision desc, _load desc, _position desc) as place
    from ${standing('raw_inventory')} as b
    where store_id is not null and sku is not null and last_count_ts is not null and on_hand_qty is not null
  ) as ranked
  where place = 1`;

/** What was free at the last count and has moved since. */
const inventoryRealtime = sql`
  select c.store_id, c.sku, c.on_hand_qty, c.reserved_qty, c.on_hand_qty - c.reserved_qty as available_qty,
    coalesce(moved, 0) as net_movement, c.on_hand_qty - c.reserved_qty + coalesce(moved, 0) as projected_qty,
    case sign(c.on_hand_qty - c.reserved_qty + coalesce(moved, 0))
      when -1 then 'OVERSOLD'
      else case when c.on_hand_qty - c.reserved_qty + coalesce(moved, 0) <= 4 then 'LOW' else 'OK' end
    end as status,
    c.last_count_ts, newest as last_movement_ts
  from (
    select *, rank() over (partition by store_id, sku order by last_count_ts desc) as place from (${stgInventory}) as s
  ) as c
  left join lateral (
    select sum(quantity_change) as moved, max(event_ts) as newest from (${stgPosEvents}) as m
    where m.store_id = c.store_id and m.sku = c.sku and m.event_ts > c.last_count_ts
  ) as since on true
  where c.place = 1`;

/** What everything that was committed comes to. Columns that are set from the run's as-of time are left out. */
export const expectations: readonly Expected[] = [
  { table: 'silver.stg_transactions', rows: stgTransactions },
  { table: 'silver.stg_pos_events', rows: stgPosEvents },
  { table: 'gold.fct_daily_sales', rows: fctDailySales },
  { table: 'gold.dim_stores', rows: sql`select * from operational.stores` },
  { table: 'gold.dim_products', rows: sql`select * from operational.products` },
  { table: 'silver.stg_inventory', rows: stgInventory },
  { table: 'gold.inventory_realtime', rows: inventoryRealtime },
];
