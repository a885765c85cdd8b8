/*
kind: view
schedule: hourly
owner: store-data
tier: 3
description: |
  Sales by region and month, for dashboards. Sales of stores that dim_stores does not know stand under UNKNOWN. Customers
  are not here: who bought on two days would count twice.
grain: one row a month (UTC) and region
gate: none
gate_reason: It adds up gold.fct_daily_sales, which has passed its own gate.
columns:
  month: {description: "The first day of the month, UTC"}
  region: {description: The region; UNKNOWN where the store has none}
  stores: {description: Stores that sold something}
  transactions: {description: Distinct transactions}
  gross_sales: {description: Sum of the amounts that are known}
  avg_transaction_value: {description: Gross sales by transaction}
  items_sold: {description: Line items}
*/
select
  date_trunc('month', transaction_date)::date as month,
  coalesce(region, 'UNKNOWN') as region,
  count(distinct store_id) as stores,
  sum(transaction_count)::bigint as transactions,
  sum(gross_sales) as gross_sales,
  round(sum(gross_sales) / nullif(sum(transaction_count), 0), 2) as avg_transaction_value,
  sum(total_items_sold)::bigint as items_sold
from gold.fct_daily_sales
group by date_trunc('month', transaction_date)::date, coalesce(region, 'UNKNOWN')
