/*
kind: incremental
schedule: hourly
unique_key: [store_id, sku, last_count_ts]
owner: inventory
tier: 1
runbook: docs/runbooks/gate-held.md
description: |
  Stock counts that say what was counted where and when. Every count is kept; the latest of a store and product is the
  last of its key. Of two arrivals of one count the later stands: a count that was mended.
grain: one row a store, product and time of a count
time_column: last_count_ts
freshness: {objective: 75 minutes, target: 0.99}
gates:
  input:
    suite: inventory
  output:
    suite: stg_inventory
columns:
  store_id: {description: The store whose stock was counted}
  sku: {description: The product}
  last_count_ts: {description: "When it was counted, UTC"}
  on_hand_qty: {description: Pieces that were there}
  reserved_qty: {description: Pieces of them that are promised to somebody; 0 where the count says nothing}
  transformed_at: {description: As-of time of the run that staged it}
*/
select
  store_id,
  sku,
  last_count_ts,
  on_hand_qty,
  coalesce(reserved_qty, 0) as reserved_qty,
  loaded_at,
  now() as transformed_at,
  _source,
  _revision,
  _load,
  _position
from delta.raw_inventory
where store_id is not null
  and sku is not null
  and last_count_ts is not null
  and on_hand_qty is not null
