/*
kind: view
schedule: hourly
owner: store-data
description: Sales by store and day with the store's names, for dashboards. Names are those of dim_stores now; UNKNOWN where it does not know the store.
grain: one row a day (UTC) and store that sold something
gate: none
gate_reason: It renames columns of gold.fct_daily_sales, which has passed its own gate.
columns:
  transaction_date: {description: "The day, UTC"}
  store_id: {description: The store}
  store_name: {description: Its name; its id where it has none}
  region: {description: Its region; UNKNOWN where it has none}
  district: {description: Its district; UNKNOWN where it has none}
  transactions: {description: Distinct transactions}
  gross_sales: {description: Sum of the amounts that are known}
  sales_per_sqft: {description: Gross sales by square foot of sales floor; NULL where that is not known}
*/
select
  transaction_date,
  store_id,
  coalesce(store_name, store_id) as store_name,
  coalesce(region, 'UNKNOWN') as region,
  coalesce(district, 'UNKNOWN') as district,
  store_format,
  transaction_count as transactions,
  unique_customers as customers,
  gross_sales,
  avg_transaction_value,
  total_items_sold as items_sold,
  sales_per_sqft,
  revenue_per_customer
from gold.fct_daily_sales
