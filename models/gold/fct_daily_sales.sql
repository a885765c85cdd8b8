/*
kind: incremental
schedule: hourly
unique_key: [transaction_date, store_id]
owner: store-data
tier: 1
runbook: docs/runbooks/gate-held.md
description: |
  Sales of a store on a day, recomputed whole whenever a transaction of that day or the store changes, however late.
  A store that is gone from dim_stores keeps its sales, because what was sold stays sold; its name, region and ratios
  per square foot are then NULL. A transaction without a timestamp belongs to no day and is not counted.
grain: one row a day (UTC) and store that sold something
touched:
  stg_transactions: |
    select distinct transaction_date, store_id
    from delta.stg_transactions
    where transaction_date is not null
  # The days of a store that changed are those that stand here: a day not yet published comes by its transactions.
  dim_stores: |
    select sales.transaction_date, sales.store_id
    from delta.dim_stores as store
    join gold.fct_daily_sales as sales on sales.store_id = store.store_id
freshness: {objective: 75 minutes, target: 0.99}
gates:
  output:
    suite: fct_daily_sales
columns:
  daily_sales_key: {description: Surrogate key; the md5 of day and store}
  transaction_date: {description: "The day, UTC"}
  store_id: {description: The store}
  transaction_count: {description: Distinct transactions}
  unique_customers: {description: Distinct customers, personal: false}
  gross_sales: {description: Sum of the amounts that are known}
  avg_transaction_value: {description: Mean of the amounts that are known}
  median_transaction_value: {description: Median of the amounts that are known}
  total_items_sold: {description: Line items}
  avg_items_per_transaction: {description: Mean of the line items of a transaction}
  credit_transactions: {description: Transactions paid by CREDIT}
  debit_transactions: {description: Transactions paid by DEBIT}
  cash_transactions: {description: Transactions paid by CASH}
  anomaly_count: {description: Transactions that the stream has flagged}
  morning_transactions: {description: "From 06:00 up to, not including, 12:00"}
  afternoon_transactions: {description: "From 12:00 up to, not including, 18:00"}
  evening_transactions: {description: "From 18:00 up to, not including, 22:00"}
  store_name: {description: Name of the store in dim_stores}
  region: {description: Region of the store in dim_stores}
  district: {description: District of the store in dim_stores}
  store_format: {description: Format of the store in dim_stores}
  store_size_sqft: {description: Sales floor of the store in dim_stores}
  sales_per_sqft: {description: Gross sales by square foot; NULL where the divisor is 0 or not known}
  revenue_per_customer: {description: Gross sales by distinct customer; NULL where there is none, personal: false}
  last_updated: {description: As-of time of the run that computed it}
*/
with sales as (
  select
    transaction_date,
    store_id,
    -- The key of stg_transactions is transaction_id: its rows are its distinct transactions, and counting them needs no sort.
    count(*) as transaction_count,
    count(distinct transactions.customer_id) as unique_customers,
    coalesce(sum(transactions.total_amount), 0) as gross_sales,
    round(avg(transactions.total_amount), 2) as avg_transaction_value,
    round((percentile_cont(0.5) within group (order by transactions.total_amount))::numeric, 2) as median_transaction_value,
    coalesce(sum(transactions.item_count), 0) as total_items_sold,
    round(avg(transactions.item_count), 2) as avg_items_per_transaction,
    count(*) filter (where transactions.payment_method = 'CREDIT') as credit_transactions,
    count(*) filter (where transactions.payment_method = 'DEBIT') as debit_transactions,
    count(*) filter (where transactions.payment_method = 'CASH') as cash_transactions,
    count(*) filter (where transactions.anomaly_detected) as anomaly_count,
    count(*) filter (where transactions.transaction_hour >= 6 and transactions.transaction_hour < 12) as morning_transactions,
    count(*) filter (where transactions.transaction_hour >= 12 and transactions.transaction_hour < 18) as afternoon_transactions,
    count(*) filter (where transactions.transaction_hour >= 18 and transactions.transaction_hour < 22) as evening_transactions
  from touched.fct_daily_sales
  join silver.stg_transactions as transactions using (transaction_date, store_id)
  group by transaction_date, store_id
)
select
  md5(to_char(sales.transaction_date, 'YYYY-MM-DD') || '|' || sales.store_id) as daily_sales_key,
  sales.transaction_date,
  sales.store_id,
  sales.transaction_count,
  sales.unique_customers,
  sales.gross_sales,
  sales.avg_transaction_value,
  sales.median_transaction_value,
  sales.total_items_sold,
  sales.avg_items_per_transaction,
  sales.credit_transactions,
  sales.debit_transactions,
  sales.cash_transactions,
  sales.anomaly_count,
  sales.morning_transactions,
  sales.afternoon_transactions,
  sales.evening_transactions,
  stores.store_name,
  stores.region,
  stores.district,
  stores.store_format,
  stores.store_size_sqft,
  round(sales.gross_sales / nullif(stores.store_size_sqft, 0), 2) as sales_per_sqft,
  round(sales.gross_sales / nullif(sales.unique_customers, 0), 2) as revenue_per_customer,
  now() as last_updated
from sales
left join gold.dim_stores as stores on stores.store_id = sales.store_id
