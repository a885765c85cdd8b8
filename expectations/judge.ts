import { isAskable } from './compile.ts';
import type { Entry, FailingRow } from './compile.ts';
import type { Judgement, Measured } from './define-expectation.ts';
import { evidenceFields } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import type { JsonObject } from './json.ts';
import { redactText } from './redact.ts';
import { expectationMeta, uuidOrNull } from './result-meta.ts';
import { decideOnFailure, quarantineShareOf } from './on-failure.ts';
import type { FailureRule } from './on-failure.ts';
import { conditionWords } from './row-condition.ts';
import type { Suite } from './suite.ts';
import type { FailedExpectation } from './verdict.ts';

/** Why an expectation could not be evaluated. */
export interface EvaluationError {
  /** Without any value of a row: this may leave the database. */
  readonly reason: string;
  /** In full, for the restricted result. */
  readonly message: string;
}

/** What came back for one expectation. */
export type Answer = { readonly measured: Measured } | { readonly error: EvaluationError };

/** An expectation with its numbers judged. */
export interface JudgedEntry {
  readonly entry: Entry;
  readonly success: boolean;
  readonly judgement: Judgement | null;
  /** Null when it could be evaluated. */
  readonly error: EvaluationError | null;
}

/** Judges one expectation's numbers. One that could not be evaluated has failed. */
export function judgeEntry(entry: Entry, answer: Answer | undefined): JudgedEntry {
  if (!isAskable(entry)) {
    const [name] = entry.withheld;
    const reason =
      name === undefined ? entry.problem : `parameter ${name} gave a value that this promise cannot use`;
    return { entry, success: false, judgement: null, error: { reason, message: entry.problem } };
  }
  if (answer === undefined || 'error' in answer) {
    const unasked: EvaluationError = { reason: 'it was not asked', message: 'it was not asked' };
    return { entry, success: false, judgement: null, error: answer?.error ?? unasked };
  }
  const judgement = entry.bound.judge(answer.measured);
  return { entry, success: judgement.success, judgement, error: null };
}

/** Whether failing rows of an expectation are worth fetching: it is about rows, and some break it. */
export function hasFailingRows({ entry, judgement }: JudgedEntry): boolean {
  return isAskable(entry) && entry.bound.failing !== null && (judgement?.unexpectedCount ?? 0) > 0;
}

/**
 * An expectation that did not hold, in what may leave the database. Null when it held.
 *
 * @param rules what is said about failures beside the expectation itself: by its suite, then by its gate's header.
 */
export function failedExpectation(
  judged: JudgedEntry,
  personal: ReadonlySet<string>,
  rules: readonly FailureRule[] = [],
): FailedExpectation | null {
  const { entry, judgement, error } = judged;
  if (judged.success) return null;
  const { expectation, bound } = entry;
  const columns = bound?.columns ?? writtenColumns(expectation.kwargs);
  const said = [expectation.weir, ...rules];
  const what = {
    severity: expectation.severity,
    rowLevel: expectation.kind.rowLevel,
    errored: error !== null,
  };
  return {
    ...what,
    index: expectation.index,
    type: expectation.kind.type,
    column: columns.length === 0 ? null : columns.join(', '),
    expected: redactText(promiseWords(entry)),
    observed: redactText(
      observedWords(
        judged,
        columns.some((column) => personal.has(column)),
      ),
    ),
    unexpectedCount: judgement?.unexpectedCount ?? null,
    elementCount: judgement?.elementCount ?? null,
    onFailure: decideOnFailure(said, what),
    quarantineShare: quarantineShareOf(said),
  };
}

/** What was promised, in plain words: `qty present, where status == paid`. */
export function promiseWords({ expectation, bound, withheld }: Entry): string {
  const { condition, origin } = expectation;
  const promise =
    withheld.length > 0
      ? `${[...(bound?.columns ?? []), expectation.kind.type].join(' ')} by ${withheld.join(', ')}`
      : (bound?.describe ?? expectation.kind.docs.promise);
  const words = condition === null ? promise : `${promise}, where ${conditionWords(condition)}`;
  return origin === null ? words : `${words} (${origin})`;
}

/** Counts may always be said; an aggregate is a value of the column it is of. */
function observedWords({ entry, judgement, error }: JudgedEntry, personal: boolean): string {
  if (error !== null) return `could not be evaluated: ${error.reason}`;
  if (judgement === null) return 'not evaluated';
  // What is learned from is a count or a share.
  const isValue = !entry.expectation.kind.rowLevel && (entry.bound?.learns ?? null) === null;
  return personal && isValue ? 'not shown: the column is personal' : judgement.observed;
}

function writtenColumns({ column, column_list: list }: JsonObject): readonly string[] {
  if (typeof column === 'string') return [column];
  return Array.isArray(list) ? list.filter((name) => typeof name === 'string') : [];
}

/** Failing rows, and the SQL that lists them all where it was asked for, by place in the suite. */
export interface Found {
  readonly samples: ReadonlyMap<number, readonly FailingRow[]>;
  readonly queries: ReadonlyMap<number, string>;
}

/** Great Expectations' `ExpectationSuiteValidationResult`, in the suite's order. */
export function suiteResult(
  suite: Suite,
  judged: readonly JudgedEntry[],
  { samples, queries }: Found,
  context: { readonly parameters: JsonObject; readonly meta: JsonObject },
): JsonObject {
  const held = judged.filter(({ success }) => success).length;
  return {
    success: held === judged.length,
    results: judged.map((one) => {
      const { index } = one.entry.expectation;
      return expectationResult(one, { rows: samples.get(index) ?? [], query: queries.get(index) ?? null });
    }),
    suite_name: suite.name,
    suite_parameters: context.parameters,
    statistics: {
      evaluated_expectations: judged.length,
      successful_expectations: held,
      unsuccessful_expectations: judged.length - held,
      success_percent: judged.length === 0 ? null : (held / judged.length) * 100,
    },
    meta: context.meta,
    id: null,
  };
}

function expectationResult(judged: JudgedEntry, evidence: Evidence): JsonObject {
  const { entry, success, judgement, error } = judged;
  const { expectation } = entry;
  const { notes, description } = expectation;
  const id = uuidOrNull(expectation.id);
  return {
    success,
    expectation_config: {
      type: expectation.kind.type,
      // What parameters made wrong would be no arguments to Great Expectations, and no page of its would show them.
      kwargs: entry.bound === null ? expectation.kwargs : entry.kwargs,
      meta: expectation.meta,
      ...(notes === null ? {} : { notes }),
      ...(description === null ? {} : { description }),
      ...(id === null ? {} : { id }),
      severity: expectation.severity,
    },
    result: resultFields(entry, judgement, evidence),
    meta: expectationMeta(entry, judgement, promiseWords(entry)),
    exception_info: {
      raised_exception: error !== null,
      // Text where there is an error: pages of Great Expectations cannot show one without.
      exception_traceback: error?.reason ?? null,
      exception_message: error?.message ?? null,
    },
  };
}

function resultFields({ bound, format }: Entry, judgement: Judgement | null, evidence: Evidence): JsonObject {
  if (judgement === null) return {};
  if (format.level === 'BOOLEAN_ONLY') return bound?.failing ? evidenceFields(bound, format, evidence) : {};
  return {
    ...judgement.result,
    ...(format.level === 'COMPLETE' ? judgement.complete : {}),
    ...(bound?.failing ? evidenceFields(bound, format, evidence) : {}),
  };
}
