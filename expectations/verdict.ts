/** How a gate ended. `error` means it could not be checked, and is never a pass. */
export type Outcome = 'pass' | 'warn' | 'fail' | 'error';

/** How loud a failure is. What happens to the data is another matter. */
export type Severity = 'critical' | 'warning' | 'info';

/** A place in the walk: `input` reads a model's window as it landed, `output` reads its candidate. */
export type Gate = 'input' | 'output';

/**
 * One expectation that did not hold, in words and counts that may leave the database: no row values, only
 * aggregates of columns that are not marked personal.
 */
export interface FailedExpectation {
  /** Place in the suite, from 0: the JSON pointer is `/expectations/<index>`. */
  readonly index: number;
  readonly type: string;
  readonly column: string | null;
  readonly severity: Severity;
  /** True when it could not be evaluated; `observed` then says why (SQLSTATE, never a value). */
  readonly errored: boolean;
  /** What was promised, in plain words: `total_amount between 0 and 100000`. */
  readonly expected: string;
  /** What was found, in plain words: `1 of 18 rows outside`. */
  readonly observed: string;
  /** Rows that break it; null where the expectation is about the table as a whole. */
  readonly unexpectedCount: number | null;
  /** Rows it was asked of; null as above. */
  readonly elementCount: number | null;
}

/** What a gate found. Small enough for Temporal's history, and free of row values. */
export interface Verdict {
  /** Random, made by the gate's activity; kept by a recheck that ends the same way. */
  readonly verdictId: string;
  readonly evaluationId: number;
  readonly outcome: Outcome;
  /** Whether the batch must not pass: something critical failed, or the gate could not be checked. */
  readonly blocks: boolean;
  readonly model: string;
  readonly gate: Gate;
  readonly suite: string;
  readonly loadId: number;
  /** ISO 8601, UTC: the time the batch was judged by. */
  readonly asOf: string;
  readonly rows: number | null;
  readonly evaluated: number;
  readonly failed: readonly FailedExpectation[];
  /** One sentence: why the whole gate could not be checked; null when it could. */
  readonly reason: string | null;
  /** Whether on-call has an open incident of this model and suite (control.incident), which a pass resolves. */
  readonly incidentOpen: boolean;
}

/** A verdict before it is stored: what the database adds is not in it. */
export type DecidedVerdict = Omit<Verdict, 'verdictId' | 'evaluationId' | 'incidentOpen'>;

/** What a verdict says beside how the expectations ended. */
export type VerdictFacts = Omit<DecidedVerdict, 'outcome' | 'blocks' | 'failed' | 'reason'>;

/**
 * Decides how a gate ended. Something critical failed: `fail`. Else a warning failed: `warn`. What is only `info` is
 * recorded and passes. A reason why the gate could not be checked makes it an `error`, which blocks like a failure:
 * never a pass.
 */
export function decideVerdict(
  facts: VerdictFacts,
  failed: readonly FailedExpectation[],
  reason: string | null,
): DecidedVerdict {
  const outcome = reason === null ? outcomeOf(failed) : 'error';
  return { ...facts, outcome, blocks: outcome === 'fail' || outcome === 'error', failed, reason };
}

/** How a suite that could be asked ended. */
export function outcomeOf(failed: readonly FailedExpectation[]): Exclude<Outcome, 'error'> {
  if (failed.some(({ severity }) => severity === 'critical')) return 'fail';
  return failed.some(({ severity }) => severity === 'warning') ? 'warn' : 'pass';
}

/**
 * What two evaluations have to share for the second to keep the first's verdict id: how they ended, and which
 * expectations failed by how much. Text, so that it can be stored and compared.
 */
export function verdictSignature({ outcome, failed, reason, rows }: DecidedVerdict): string {
  const parts = failed.map(({ type, column, errored, observed, unexpectedCount, elementCount }) =>
    JSON.stringify([type, column, errored, observed, unexpectedCount, elementCount]),
  );
  return JSON.stringify([outcome, reason, rows, [...parts].sort()]);
}
