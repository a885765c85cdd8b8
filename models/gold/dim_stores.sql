/*
kind: full_refresh
schedule: daily
unique_key: [store_id]
owner: store-data
runbook: docs/runbooks/gate-held.md
description: Stores as of now. Facts and the transactions gate look stores up here.
grain: one row a store
# The operational system rather lost them than closed more than a tenth of them in a day.
max_shrink: 0.1
freshness: {objective: 26 hours, target: 0.99}
gates:
  output:
    suite: dim_stores
columns:
  store_id: {description: The store}
  store_name: {description: Its name}
  region: {description: Its region}
  district: {description: Its district}
  store_format: {description: "SUPERCENTER, NEIGHBORHOOD or EXPRESS"}
  store_size_sqft: {description: Sales floor in square feet}
  opens_at: {description: UTC}
  closes_at: {description: "UTC; 24:00 where it never closes"}
  opened_on: {description: The first day of trade}
*/
select
  store_id,
  store_name,
  region,
  district,
  store_format,
  store_size_sqft,
  opens_at,
  closes_at,
  opened_on
from bronze.raw_stores
