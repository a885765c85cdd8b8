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
