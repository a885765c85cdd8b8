/*
kind: source
schedule: hourly
owner: inventory
tier: 1
description: Movements of stock as the tills report them. A quantity sold is a negative change.
grain: one row a delivered movement
reader: json_lines
settings:
  folder: pos_events
  record: [store_id, sku, quantity_change, event_ts]
retention: 90 days
time_column: event_ts
columns:
  store_id: {type: text, description: The store whose stock moved}
  sku: {type: text, description: The product}
  quantity_change: {type: integer, description: Pieces; negative when sold}
  event_ts: {type: timestamp, description: "When it moved, UTC"}
*/
