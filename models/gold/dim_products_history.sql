/*
kind: history
schedule: daily
unique_key: [product_id]
owner: merchandising
tier: 3
runbook: docs/runbooks/gate-held.md
description: |
  Every version of a product: what dim_products said of it, and from when until when. A product that is gone has no
  current version; one that comes back begins another. What was so before the first load is not known, and has no row.
grain: one row a product and version
freshness: {objective: 26 hours, target: 0.99}
gates:
  output:
    suite: dim_products_history
columns:
  product_id: {description: The product}
  manufacturer_id: {description: Who makes it}
  department: {description: Department; can be empty}
  brand: {description: National or Private}
  product_category: {description: Category; can be empty}
  product_type: {description: Type; can be empty}
  package_size: {description: As printed; can be empty}
  valid_from: {description: As-of time of the run that found this version}
  valid_to: {description: "As-of time of the run that found another, or none; NULL for the current version. Half-open: the version stands before it, not at it"}
*/
select
  product_id,
  manufacturer_id,
  department,
  brand,
  product_category,
  product_type,
  package_size
from gold.dim_products
