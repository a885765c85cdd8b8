/*
kind: full_refresh
schedule: daily
unique_key: [product_id]
owner: merchandising
runbook: docs/runbooks/gate-held.md
description: Products as of now.
grain: one row a product
# The operational system rather lost them than closed more than a tenth of them in a day.
max_shrink: 0.1
freshness: {objective: 26 hours, target: 0.99}
gates:
  output:
    suite: dim_products
columns:
  product_id: {description: The product}
  manufacturer_id: {description: Who makes it}
  department: {description: Department; can be empty}
  brand: {description: National or Private}
  product_category: {description: Category; can be empty}
  product_type: {description: Type; can be empty}
  package_size: {description: As printed; can be empty}
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
