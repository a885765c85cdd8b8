/*
kind: source
schedule: daily
owner: merchandising
description: What the operational system says of products now.
grain: one row a product
reader: table
settings:
  relation: operational.products
  key: [product_id]
columns:
  product_id: {type: text, description: The product}
  manufacturer_id: {type: text, description: Who makes it}
  department: {type: text, description: Department; can be empty}
  brand: {type: text, description: National or Private}
  product_category: {type: text, description: Category; can be empty}
  product_type: {type: text, description: Type; can be empty}
  package_size: {type: text, description: As printed; can be empty}
*/
