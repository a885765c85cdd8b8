/*
kind: full_refresh
schedule: daily
unique_key: [product_id]
owner: merchandising
runbook: docs/runbooks/gate-held.md
description: Products as of now.
grain: one row a product
gates:
  output:
    suite: dim_products
    # A refresh that loses more than a tenth of its rows is held: the operational system rather lost them than closed them.
    parameters:
      min_rows: {query: "select greatest(1, ceil(count(*) * 0.9))::integer from gold.dim_products"}
columns:
  product_id: {description: The product}
*/
select
  product_id,
  manufacturer_id,
  department,
  brand,
  product_category,
  product_type,
  package_size
from bronze.raw_products
