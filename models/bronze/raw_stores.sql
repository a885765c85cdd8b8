/*
kind: source
schedule: daily
owner: store-data
description: What the operational system says of stores now.
grain: one row a store
reader: table
settings:
  relation: operational.stores
  key: [store_id]
columns:
  store_id: {type: text, description: The store}
  store_name: {type: text, description: Its name}
  region: {type: text, description: Its region}
  district: {type: text, description: Its district}
  store_format: {type: text, description: "SUPERCENTER, EXPRESS, …"}
  store_size_sqft: {type: integer, description: Sales floor in square feet}
  opens_at: {type: time, description: UTC}
  closes_at: {type: time, description: "UTC; 24:00 where it never closes"}
  opened_on: {type: date, description: The first day of trade}
*/
