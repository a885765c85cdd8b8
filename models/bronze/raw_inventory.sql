/*
kind: source
schedule: hourly
owner: inventory
tier: 1
description: Stock as the warehouse system counts it. A file has the products whose stock was looked at again.
grain: one row a delivered record
reader: csv
settings:
  folder: inventory
retention: 30 days
time_column: last_count_ts
columns:
  store_id: {type: text, description: The store}
  sku: {type: text, description: The product}
  on_hand_qty: {type: integer, description: Pieces on the shelf and behind it}
  reserved_qty: {type: integer, description: Pieces that orders have spoken for}
  last_count_ts: {type: timestamp, description: "When it was counted, UTC"}
*/
