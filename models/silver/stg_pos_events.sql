/*
kind: incremental
schedule: hourly
unique_key: [_source, _position]
owner: inventory
tier: 1
runbook: docs/runbooks/gate-held.md
description: |
  Movements of stock. They have no id of their own: a movement is known by the file and line it came in.
grain: one row a movement
time_column: event_ts
# What moved of a product in a store since it was counted: gold.inventory_realtime.
indexes:
  - [store_id, sku, event_ts]
freshness: {objective: 75 minutes, target: 0.99}
gates:
  input:
    suite: pos_events
  output:
    suite: stg_pos_events
columns:
  store_id: {description: The store whose stock moved}
  sku: {description: The product}
  quantity_change: {description: Pieces; negative when sold}
  event_ts: {description: "When it moved, UTC"}
  transformed_at: {description: As-of time of the run that staged it}
*/
select
  store_id,
  sku,
  quantity_change,
  event_ts,
  loaded_at,
  now() as transformed_at,
  _source,
  _revision,
  _load,
  _position
from delta.raw_pos_events
where store_id is not null
  and sku is not null
  and quantity_change is not null
  and event_ts is not null
