import type { Verdict } from '../../../expectations/verdict.ts';

/** The bad hour of the story: two records of one id, a missing store, an unknown one, an amount over the limit. */
export function failingVerdict(changes: Partial<Verdict> = {}): Verdict {
  const failed = {
    severity: 'critical',
    errored: false,
    elementCount: 57,
    rowLevel: true,
    onFailure: 'hold',
    quarantineShare: 0.01,
  } as const;
  return {
    verdictId: '8a1f3c1e-1b7e-4b3a-9a52-0c2f6c9d7e10',
    evaluationId: 7,
    outcome: 'fail',
    blocks: true,
    quarantine: null,
    model: 'stg_transactions',
    gate: 'input',
    suite: 'transactions',
    loadId: 12,
    asOf: '2017-01-02T11:00:00.000Z',
    rows: 57,
    evaluated: 8,
    failed: [
      {
        ...failed,
        index: 1,
        type: 'expect_column_values_to_not_be_null',
        column: 'store_id',
        expected: 'store_id not null',
        observed: '1 of 57 rows null',
        unexpectedCount: 1,
      },
      {
        ...failed,
        index: 4,
        type: 'expect_column_values_to_be_unique',
        column: 'transaction_id',
        expected: 'transaction_id unique',
        observed: '2 of 57 rows share a value',
        unexpectedCount: 2,
      },
      {
        ...failed,
        index: 7,
        type: 'expect_table_row_count_to_be_between',
        column: null,
        expected: 'row count between 100 and 20000',
        observed: '57 rows',
        unexpectedCount: null,
        elementCount: null,
        severity: 'warning',
        rowLevel: false,
        onFailure: 'continue',
      },
      {
        ...failed,
        index: 5,
        type: 'expect_column_values_to_be_between',
        column: 'total_amount',
        expected: 'total_amount between 0 and 100000',
        observed: '1 of 57 rows outside',
        unexpectedCount: 1,
      },
    ],
    reason: null,
    incidentOpen: false,
    ...changes,
  };
}
