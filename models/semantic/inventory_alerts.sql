/*
kind: view
schedule: hourly
owner: inventory
description: Products that a store has sold more of than it has, or is about to run out of, with names for people who restock.
grain: one row a store and product whose status is OVERSOLD or LOW
gate: none
gate_reason: It selects from gold.inventory_realtime, gold.dim_stores and gold.dim_products, which have passed their own gates.
columns:
  status: {description: "OVERSOLD below 0 projected, LOW below 5"}
  store_id: {description: The store}
  store_name: {description: Its name; its id where dim_stores does not know it}
  region: {description: Its region; UNKNOWN where dim_stores does not know it}
  sku: {description: The product}
  product_type: {description: What it is; NULL where dim_products does not say}
  projected_qty: {description: Pieces that should be there now}
  last_count_ts: {description: "When it was last counted, UTC"}
*/
select
  stock.status,
  stock.store_id,
  coalesce(stores.store_name, stock.store_id) as store_name,
  coalesce(stores.region, 'UNKNOWN') as region,
  stock.sku,
  products.department,
  products.product_type,
  stock.available_qty,
  stock.net_movement,
  stock.projected_qty,
  stock.last_count_ts,
  stock.last_updated
from gold.inventory_realtime as stock
left join gold.dim_stores as stores on stores.store_id = stock.store_id
left join gold.dim_products as products on products.product_id = stock.sku
where stock.status in ('OVERSOLD', 'LOW')
