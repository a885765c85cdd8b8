/*
kind: view
schedule: hourly
owner: store-data
description: Sales by region and day, for dashboards. Sales of stores that dim_stores does not know stand under UNKNOWN.
grain: one row a day (UTC) and region
gate: none
gate_reason: It adds up gold.fct_daily_sales, which has passed its own gate.
columns:
  transaction_date: {description: "The day, UTC"}
  region: {description: The region; UNKNOWN where the store has none}
  stores: {description: Stores that sold something}
  transactions: {description: Distinct transactions}
  gross_sales: {description: Sum of the amounts that are known}
  avg_transaction_value: {description: Gross sales by transaction}
  items_sold: {description: Line items}
*/
select
  transaction_date,
  coalesce(region, 'UNKNOWN') as region,
  count(*) as stores,
  sum(transaction_count)::bigint as transactions,
  sum(gross_sales) as gross_sales,
  round(sum(gross_sales) / nullif(sum(transaction_count), 0), 2) as avg_transaction_value,
  sum(total_items_sold)::bigint as items_sold
from gold.fct_daily_sales
group by transaction_date, coalesce(region, 'UNKNOWN')
