/*
kind: source
schedule: hourly
owner: store-data
tier: 1
description: Baskets as the tills sent them. Nothing is refused here but what is no record at all; the gate insists.
grain: one row a delivered record
reader: json_lines
settings:
  folder: transactions
  record: [transaction_id]
retention: 90 days
time_column: transaction_timestamp
columns:
  transaction_id: {type: text, description: The basket}
  store_id: {type: text, description: The store that sold it}
  terminal_id: {type: text, description: The till}
  customer_id: {type: text, description: The household that bought it, personal: true}
  transaction_timestamp: {type: timestamp, description: "When it was paid, UTC"}
  total_amount: {type: "numeric(12,2)", description: The sum of its lines}
  payment_method: {type: text, description: "CREDIT, DEBIT, CASH or another word of the till's"}
  items: {type: jsonb, description: Line items, personal: true}
  anomaly_detected: {type: boolean, description: Set by the stream; null where none looked at it}
  anomaly_reasons: {type: "text[]", description: "AMOUNT_OUTLIER, HIGH_VELOCITY, OFF_HOURS"}
  kafka_offset: {type: bigint, description: Null for files}
  kafka_partition: {type: integer, description: Null for files}
*/
