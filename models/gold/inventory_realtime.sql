/*
kind: incremental
schedule: hourly
unique_key: [store_id, sku]
owner: inventory
tier: 1
runbook: docs/runbooks/gate-held.md
description: |
  What of a product should be in a store now: what was free at the last count, and every movement since then. Recomputed
  whenever the product is counted or moves, from all movements after the last count, however late they arrive; a movement
  at the very moment of a count is in the count. A product that was never counted has no row: what moved of it says
  nothing about what is there.
grain: one row a store and product that was counted
freshness: {objective: 75 minutes, target: 0.99}
touched:
  stg_inventory: |
    select distinct store_id, sku from delta.stg_inventory
  stg_pos_events: |
    select distinct store_id, sku from delta.stg_pos_events
indexes:
  - [status, store_id]
gates:
  output:
    suite: inventory_realtime
columns:
  store_id: {description: The store}
  sku: {description: The product}
  on_hand_qty: {description: Pieces that were there at the last count}
  reserved_qty: {description: Pieces of them that were promised to somebody}
  available_qty: {description: Pieces on hand less those reserved at the last count}
  net_movement: {description: Sum of all movements since the last count; negative when more was sold than came}
  projected_qty: {description: "Pieces available and moved since, together"}
  status: {description: "OVERSOLD below 0 projected, LOW below 5, else OK"}
  last_count_ts: {description: "When it was last counted, UTC"}
  last_movement_ts: {description: "The newest movement since then, UTC; NULL where there is none"}
  last_updated: {description: As-of time of the run that computed it}
*/
with projected as (
  select
    touched.store_id,
    touched.sku,
    counted.on_hand_qty,
    counted.reserved_qty,
    counted.last_count_ts,
    counted.on_hand_qty - counted.reserved_qty as available_qty,
    moved.net_movement,
    moved.last_movement_ts,
    counted.on_hand_qty - counted.reserved_qty + moved.net_movement as projected_qty
  from touched.inventory_realtime as touched
  -- Each key is two look-ups by index, whatever else there is in silver.
  cross join lateral (
    select counts.on_hand_qty, counts.reserved_qty, counts.last_count_ts
    from silver.stg_inventory as counts
    where counts.store_id = touched.store_id and counts.sku = touched.sku
    order by counts.last_count_ts desc
    limit 1
  ) as counted
  cross join lateral (
    select
      coalesce(sum(movements.quantity_change), 0) as net_movement,
      max(movements.event_ts) as last_movement_ts
    from silver.stg_pos_events as movements
    where movements.store_id = touched.store_id
      and movements.sku = touched.sku
      and movements.event_ts > counted.last_count_ts
  ) as moved
)
select
  store_id,
  sku,
  on_hand_qty,
  reserved_qty,
  available_qty,
  net_movement,
  projected_qty,
  case when projected_qty < 0 then 'OVERSOLD' when projected_qty < 5 then 'LOW' else 'OK' end as status,
  last_count_ts,
  last_movement_ts,
  now() as last_updated
from projected
