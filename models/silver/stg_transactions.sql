/*
kind: incremental
schedule: hourly
unique_key: [transaction_id]
owner: store-data
tier: 1
runbook: docs/runbooks/gate-held.md
description: |
  Baskets that can be counted: each has an id, a store and an amount. Of two arrivals of one id the later stands.
  An amount below 0 becomes 0, one above 100000 becomes NULL until someone has looked at it.
grain: one row a transaction
time_column: transaction_timestamp
indexes:
  - [transaction_date, store_id]
freshness: {objective: 75 minutes, target: 0.99}
gates:
  input:
    suite: transactions
    # An hour of the shipped sample; the suite's defaults are a day of the whole chain.
    parameters:
      min_rows: 1
      max_rows: 20000000
      max_staleness_minutes: 60
      valid_store_ids: {query: select store_id from gold.dim_stores}
  output:
    suite: stg_transactions
columns:
  transaction_id: {description: The basket}
  store_id: {description: The store that sold it}
  terminal_id: {description: The till}
  customer_id: {description: The household that bought it, personal: true}
  transaction_timestamp: {description: "When it was paid, UTC"}
  transaction_date: {description: "The day of it, UTC"}
  transaction_hour: {description: "The hour of it, 0 to 23, UTC"}
  total_amount: {description: "The sum of its lines, 0 to 100000; NULL where the till said more"}
  payment_method: {description: "CREDIT, DEBIT, CASH or another word of the till's"}
  items: {description: Line items, personal: true}
  item_count: {description: How many lines; NULL where items is no list, personal: false}
  anomaly_detected: {description: Set by the stream; NULL where none looked at it}
  anomaly_reasons: {description: "AMOUNT_OUTLIER, HIGH_VELOCITY, OFF_HOURS"}
  loaded_at: {description: "When it landed in bronze, UTC"}
  transformed_at: {description: As-of time of the run that staged it}
*/
select
  transaction_id,
  store_id,
  terminal_id,
  customer_id,
  transaction_timestamp,
  transaction_timestamp::date as transaction_date,
  extract(hour from transaction_timestamp)::integer as transaction_hour,
  (case
    when total_amount < 0 then 0
    when total_amount > 100000 then null
    else total_amount
  end)::numeric(12, 2) as total_amount,
  payment_method,
  items,
  case when jsonb_typeof(items) = 'array' then jsonb_array_length(items) end as item_count,
  anomaly_detected,
  anomaly_reasons,
  loaded_at,
  now() as transformed_at,
  _source,
  _revision,
  _load,
  _position
from delta.raw_transactions
where transaction_id is not null
  and store_id is not null
  and total_amount is not null
