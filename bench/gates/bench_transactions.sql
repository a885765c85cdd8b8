/*
kind: incremental
schedule: hourly
unique_key: [transaction_id]
owner: store-data
runbook: docs/runbooks/gate-held.md
description: |
  For the bench alone: its output gate asks the transactions suite of a candidate, which is a plain table.
  The SELECT proves nothing of what the suite promises.
grain: one row a transaction
time_column: transaction_timestamp
gates:
  output:
    suite: transactions
    # All else as the suite has it: five minutes, 100,000 to 20,000,000 rows.
    parameters:
      valid_store_ids: {query: select store_id from gold.dim_stores}
columns:
  transaction_id: {description: The basket}
*/
select
  transaction_id,
  store_id,
  transaction_timestamp,
  total_amount,
  _source,
  _revision,
  _load,
  _position
from delta.raw_transactions
