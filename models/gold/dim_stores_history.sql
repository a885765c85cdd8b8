/*
kind: history
schedule: daily
unique_key: [store_id]
owner: store-data
tier: 3
runbook: docs/runbooks/gate-held.md
description: |
  Every version of a store: what dim_stores said of it, and from when until when. A store that closed has no current
  version; one that comes back begins another. What was so before the first load is not known, and has no row.
grain: one row a store and version
freshness: {objective: 26 hours, target: 0.99}
gates:
  output:
    suite: dim_stores_history
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
  valid_from: {description: As-of time of the run that found this version}
  valid_to: {description: "As-of time of the run that found another, or none; NULL for the current version. Half-open: the version stands before it, not at it"}
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
from gold.dim_stores
