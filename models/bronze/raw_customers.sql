/*
kind: source
schedule: daily
owner: crm
tier: 3
description: What the loyalty system says of households now. It knows neither what changed nor when, so rows are told by their hashes.
grain: one row a household
reader: postgres_hash
settings:
  connection: crm
  relation: crm.customers
  key: [customer_id]
columns:
  customer_id: {type: text, description: The household, personal: true}
  home_store_id: {type: text, description: The store it chose as its own}
  age_band: {type: text, description: "19-24, 25-34, …; empty where it did not say", personal: true}
  income_band: {type: text, description: "Under 15K, 15-24K, …; empty where it did not say", personal: true}
  household_size: {type: integer, description: People, personal: true}
  joined_on: {type: date, description: The day it joined, personal: true}
*/
