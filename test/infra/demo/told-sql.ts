// What `pretend` writes the story's tables with: by hand, and not with Weir's own SQL.

export const HISTORIES = `
  with stores as (
    insert into gold.dim_stores_history select store.*, $1::timestamptz from operational.stores as store
  )
  insert into gold.dim_products_history select product.*, $1::timestamptz from operational.products as product`;

export const LANDED_MOVEMENTS = `
  insert into bronze.raw_pos_events
    (store_id, sku, quantity_change, event_ts, _source, _revision, _load, _position, _record_hash)
  select line ->> 'store_id', line ->> 'sku', (line ->> 'quantity_change')::int, (line ->> 'event_ts')::timestamp,
    $2, 1, 1, position, md5(line::text)::uuid
  from unnest($1::jsonb[]) with ordinality as landed (line, position)`;

export const COUNTS = `
  insert into bronze.raw_inventory
    (store_id, sku, on_hand_qty, reserved_qty, last_count_ts, _source, _revision, _load, _position, _record_hash)
  select split_part(line, ',', 1), split_part(line, ',', 2), split_part(line, ',', 3)::int, split_part(line, ',', 4)::int,
    split_part(line, ',', 5)::timestamp, $2, 1, 1, position, md5(line)::uuid
  from unnest($1::text[]) with ordinality as landed (line, position)`;

/** Another way to the same: counts and movements of a product in one row of time, summed from the last count on. */
export const STOCK = `
  with events as (
    select store_id, sku, last_count_ts as at, on_hand_qty - reserved_qty as counted, 0 as moved from bronze.raw_inventory
    union all
    select store_id, sku, event_ts, null, quantity_change from silver.stg_pos_events
  ), numbered as (
    select *, count(counted) over (partition by store_id, sku order by at, counted desc nulls last) as counts from events
  ), last as (
    select *, max(counts) over (partition by store_id, sku) as newest, max(counted) over (partition by store_id, sku, counts)
      as available, first_value(at) over (partition by store_id, sku, counts order by at, counted desc nulls last) as began
    from numbered
  ), summed as (
    select store_id, sku, max(available) as available, coalesce(sum(moved) filter (where at > began), 0) as net
    from last where counts = newest and newest > 0 group by store_id, sku
  )
  insert into gold.inventory_realtime (store_id, sku, available_qty, net_movement, projected_qty, status)
  select store_id, sku, available, net, available + net,
    case when available + net < 0 then 'OVERSOLD' when available + net < 5 then 'LOW' else 'OK' end
  from summed`;

export const BRONZE = `
  insert into bronze.raw_transactions
    (transaction_id, store_id, transaction_timestamp, total_amount, _source, _revision, _load, _position, _record_hash)
  select line ->> 'transaction_id', line ->> 'store_id', (line ->> 'transaction_timestamp')::timestamp,
    (line ->> 'total_amount')::numeric, $2, $3, 1, position, md5(line::text)::uuid
  from unnest($1::jsonb[]) with ordinality as landed (line, position)`;

export const SILVER = `
  insert into silver.stg_transactions
    (transaction_id, store_id, transaction_timestamp, transaction_date, total_amount, _source, _revision, _load, _position)
  select line ->> 'transaction_id', line ->> 'store_id', (line ->> 'transaction_timestamp')::timestamp,
    (line ->> 'transaction_timestamp')::date, (line ->> 'total_amount')::numeric, $2, $3, 1, position
  from unnest($1::jsonb[]) with ordinality as landed (line, position)`;

export const MOVEMENTS = `
  insert into silver.stg_pos_events (store_id, sku, quantity_change, event_ts, _source, _revision, _load, _position)
  select line ->> 'store_id', line ->> 'sku', (line ->> 'quantity_change')::int, (line ->> 'event_ts')::timestamp, $2, 1, 1, position
  from unnest($1::jsonb[]) with ordinality as landed (line, position)`;

export const GOLD = `
  insert into gold.fct_daily_sales (daily_sales_key, transaction_date, store_id, transaction_count, gross_sales)
  select md5(transaction_date::text || store_id), transaction_date, store_id, count(*), sum(total_amount)
  from silver.stg_transactions group by transaction_date, store_id`;

/** A loyalty system in the same database, for a story that lands nothing from it. */
export const CUSTOMERS = `
  create schema crm;
  create table crm.customers (
    customer_id text primary key, home_store_id text, age_band text, income_band text, household_size int, joined_on date);
  insert into crm.customers select 'C' || n, 'STORE_00001' from generate_series(1, 3) as n`;

export const LANDED_CUSTOMERS = `
  insert into bronze.raw_customers (customer_id, home_store_id, _source, _revision, _load, _position, _record_hash)
  select customer_id, home_store_id, 'crm.customers', 1, 1, row_number() over (), md5(customer_id)::uuid from crm.customers`;

export const CHANGED_CUSTOMERS = `
  with gone as (
    delete from bronze.raw_customers as landed
    where not exists (select from crm.customers as now
      where now.customer_id = landed.customer_id and now.home_store_id = landed.home_store_id)
    returning customer_id
  )
  insert into bronze.raw_customers (customer_id, home_store_id, _source, _revision, _load, _position, _record_hash)
  select customer_id, home_store_id, 'crm.customers', 1, 2, row_number() over (), md5(customer_id)::uuid
  from crm.customers as now
  where not exists (select from bronze.raw_customers as landed
    where now.customer_id = landed.customer_id and now.home_store_id = landed.home_store_id)`;

/** The monitor's first round: $1 are the models that it measures. */
export const MEASURED = `
  insert into control.freshness_sample (model, sampled_at, age_seconds, objective_seconds, is_good)
  select model, date_trunc('minute', now()), 0, 4500, true from unnest($1::text[]) as model`;
