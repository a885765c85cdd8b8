/*
kind: full_refresh
schedule: daily
unique_key: [store_id]
owner: store-data
runbook: docs/runbooks/gate-held.md
description: Stores as of now. Facts and the transactions gate look stores up here.
grain: one row a store
gates:
  output:
    suite: dim_stores
    # A refresh that loses more than a tenth of its rows is held: the operational system rather lost them than closed them.
    parameters:
      min_rows: {query: "select greatest(1, ceil(count(*) * 0.9))::integer from gold.dim_stores"}
columns:
  store_id: {description: The store}
  store_size_sqft: {description: Sales floor in square feet}
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
