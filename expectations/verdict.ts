import type { OnFailure } from './on-failure.ts';
import { redactText } from './redact.ts';

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
  /** Whether single rows can be found that break it. */
  readonly rowLevel: boolean;
  /** What happens to the data because of it; never `quarantine` where no rows can be shown. */
  readonly onFailure: OnFailure;
  /** Share of the batch, 0 to 1, up to which its rows are set aside. */
  readonly quarantineShare: number;
}

/** Rows to set aside so that the rest of a batch can be asked again. */
export interface QuarantineOrder {
  /** Places in the suite whose failing rows go aside. */
  readonly expectations: readonly number[];
  /** Share of the batch, 0 to 1, that all of them together may be; null where a person has decided it. */
  readonly share: number | null;
}

/** What a gate found. Small enough for Temporal's history, and free of row values. */
export interface Verdict {
  /** Random, made by the gate's activity; kept by a recheck that ends the same way. */
  readonly verdictId: string;
  readonly evaluationId: number;
  readonly outcome: Outcome;
  /**
   * Whether the batch must not pass as it is: the gate could not be checked, or something failed whose `onFailure` is not
   * `continue`. Severity has no part in it beyond the default.
   */
  readonly blocks: boolean;
  /** What to set aside without asking anybody; null where nothing is, or where that is not enough. */
  readonly quarantine: QuarantineOrder | null;
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
  /** Whether what a `warn` warns of differs from what the gate found in the load before; left out of all else. */
  readonly warnsAnew?: boolean;
}

/** A verdict before it is stored: what the database adds is not in it. */
export type DecidedVerdict = Omit<Verdict, 'verdictId' | 'evaluationId' | 'incidentOpen' | 'warnsAnew'>;

/** What a verdict says beside how the expectations ended. */
export type VerdictFacts = Omit<DecidedVerdict, 'outcome' | 'blocks' | 'quarantine' | 'failed' | 'reason'>;

/**
 * Decides how a gate ended. Something critical failed: `fail`. Else a warning failed: `warn`. What is only `info` is
 * recorded and passes. A reason why the gate could not be checked makes it an `error`: never a pass.
 *
 * What happens to the data is decided apart from that, by each failed expectation's `onFailure`.
 */
export function decideVerdict(
  facts: VerdictFacts,
  failed: readonly FailedExpectation[],
  reason: string | null,
): DecidedVerdict {
  const outcome = reason === null ? outcomeOf(failed) : 'error';
  const blocks = reason !== null || blockingExpectations(failed).length > 0;
  const quarantine = reason === null ? automaticQuarantine(failed, facts.rows) : null;
  return {
    ...facts,
    outcome,
    blocks,
    quarantine,
    failed,
    reason: reason === null ? null : redactText(reason),
  };
}

/** The failed expectations that a batch cannot pass with. */
export function blockingExpectations(failed: readonly FailedExpectation[]): readonly FailedExpectation[] {
  return failed.filter(({ onFailure }) => onFailure !== 'continue');
}

/**
 * Quarantine that needs nobody's word: all that blocks says `quarantine`, and no expectation's rows are more than its
 * share. Together they may be as many as the largest of the shares; how many that are, only the database knows.
 */
function automaticQuarantine(
  failed: readonly FailedExpectation[],
  rows: number | null,
): QuarantineOrder | null {
  const blocking = blockingExpectations(failed);
  const within = ({ onFailure, unexpectedCount, quarantineShare }: FailedExpectation): boolean =>
    onFailure === 'quarantine' &&
    unexpectedCount !== null &&
    rows !== null &&
    unexpectedCount / rows <= quarantineShare;
  if (blocking.length === 0 || !blocking.every(within)) return null;
  return {
    expectations: blocking.map(({ index }) => index),
    share: Math.max(...blocking.map(({ quarantineShare }) => quarantineShare)),
  };
}

/**
 * The promise that has more bad rows than its share, where all that blocks says `quarantine` and that alone keeps it from
 * being done; else null.
 */
export function aboveShare({ failed, rows }: Pick<Verdict, 'failed' | 'rows'>): FailedExpectation | null {
  const blocking = blockingExpectations(failed);
  if (rows === null || blocking.some(({ onFailure }) => onFailure !== 'quarantine')) return null;
  const isAbove = ({ unexpectedCount, quarantineShare }: FailedExpectation): boolean =>
    (unexpectedCount ?? 0) / rows > quarantineShare;
  return blocking.find(isAbove) ?? null;
}

/**
 * What a person may have set aside: the rows of all that blocks. A sentence instead where there is something that no row
 * can be blamed for.
 */
export function orderedQuarantine({
  failed,
  reason,
}: Pick<Verdict, 'failed' | 'reason'>): QuarantineOrder | string {
  if (reason !== null) return 'the gate could not be checked, so nobody knows which rows are bad';
  const blocking = blockingExpectations(failed);
  const whole = blocking.find(({ rowLevel, errored }) => !rowLevel || errored);
  if (whole !== undefined) {
    const why = whole.errored ? 'could not be evaluated' : 'is about the table as a whole';
    return `"${whole.expected}" ${why}, so no rows can be set aside for it`;
  }
  return { expectations: blocking.map(({ index }) => index), share: null };
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
  const parts = failed.map(({ type, column, errored, observed, unexpectedCount, elementCount, onFailure }) =>
    JSON.stringify([type, column, errored, observed, unexpectedCount, elementCount, onFailure]),
  );
  return JSON.stringify([outcome, reason, rows, [...parts].sort()]);
}
