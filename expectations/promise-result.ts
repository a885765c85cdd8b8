import { isAskable } from './compile.ts';
import type { AskableEntry, Entry } from './compile.ts';
import type { Bounded } from './define-expectation.ts';
import { parseInstant } from './instant.ts';
import type { Json } from './json.ts';
import { isNumberText } from './json-schema.ts';
import type { JudgedEntry } from './judge.ts';
import { personalIn } from './redact.ts';
import { conditionColumns } from './row-condition.ts';
import type { SuiteExpectation } from './suite-expectation.ts';
import type { Severity } from './verdict.ts';

/**
 * What a promise's number is: `value`, an aggregate or a count; `age`, of a time, in seconds from the time to the as-of
 * time; `share`, 0 to 1, of the rows that keep it, which its counts give.
 */
export type PromiseUnit = 'value' | 'age' | 'share';

/** What became of a promise at one evaluation, in what is kept for long: no value of a row, none of a personal column. */
export interface PromiseResult {
  readonly expectation: SuiteExpectation;
  readonly outcome: 'held' | 'broken' | 'errored';
  readonly severity: Severity;
  /** Rows that break it, of how many it was asked of; null where it is about the table as a whole. */
  readonly unexpected: number | null;
  readonly elements: number | null;
  /** Null where it is about no number that may be kept. */
  readonly unit: PromiseUnit | null;
  readonly observed: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
}

type Numbers = Pick<PromiseResult, 'unit' | 'observed' | 'lower' | 'upper'>;

const NONE: Numbers = { unit: null, observed: null, lower: null, upper: null };

/**
 * What is kept of a judged promise.
 *
 * @param personal columns that are marked personal: of a promise that reads one, or is asked of rows that one chooses,
 *   nothing but counts is kept, and the share that must hold it.
 */
export function promiseResult(judged: JudgedEntry, personal: ReadonlySet<string>): PromiseResult {
  const { entry, judgement, error, success } = judged;
  return {
    expectation: entry.expectation,
    outcome: error !== null ? 'errored' : success ? 'held' : 'broken',
    severity: entry.expectation.severity,
    unexpected: judgement?.unexpectedCount ?? null,
    elements: judgement?.elementCount ?? null,
    ...numbersOf(judged, personal),
  };
}

function numbersOf({ entry, judgement }: JudgedEntry, personal: ReadonlySet<string>): Numbers {
  if (entry.expectation.kind.rowLevel) return { ...NONE, unit: 'share', lower: leastShare(entry) };
  const bounded = judgement?.bounded;
  if (bounded === undefined || !isAskable(entry)) return NONE;
  const columns = [...entry.bound.columns, ...conditionColumns(entry.expectation.condition)];
  if (columns.some((column) => personal.has(column))) return NONE;
  return inUnit(entry, bounded);
}

/** The share of rows that must hold it. */
function leastShare({ bound, expectation, withheld }: Entry): number | null {
  const { mostly = 1 } = bound?.kwargs ?? {};
  const isTold = withheld.length === 0 || expectation.kwargs['mostly'] === mostly || mostly === 1;
  return bound !== null && isTold ? finite(mostly) : null;
}

function inUnit(entry: AskableEntry, { value, lower, upper }: Bounded): Numbers {
  if (typeof value === 'string' && !isOfColumn(entry, value)) return NONE;
  const asOf = parseInstant(entry.scan.asOf);
  const age = (json: Json): number | null => {
    const time = typeof json === 'string' ? parseInstant(json) : null;
    return time === null || asOf === null ? null : (asOf.micros - time.micros) / 1e6;
  };
  const isTime = [value, lower, upper].some((json) => age(json) !== null);
  // Bounds that are made of what may not be told could be reckoned back to it.
  const told = entry.withheld.length === 0;
  if (!isTime) {
    const [least, most] = told ? [finite(lower), finite(upper)] : [null, null];
    return { unit: 'value', observed: finite(value), lower: least, upper: most };
  }
  // The oldest time is the highest age.
  return {
    unit: 'age',
    observed: age(value),
    lower: told ? age(upper) : null,
    upper: told ? age(lower) : null,
  };
}

/** Text is a number or a time where the column holds those; else it is the value of some row, whatever it looks like. */
function isOfColumn({ bound, scan }: AskableEntry, text: string): boolean {
  const categories = bound.columns.map((name) => scan.column(name).category);
  const expected = isNumberText(text) ? ['whole', 'number'] : ['time'];
  return categories.every((category) => expected.includes(category));
}

/** An aggregate may be the value of one row, the highest: what looks like the number of a card is not kept. */
function finite(json: Json): number | null {
  const isNumber = typeof json === 'number' || (typeof json === 'string' && isNumberText(json));
  const number = isNumber ? Number(json) : Number.NaN;
  return Number.isFinite(number) && personalIn(String(number)) === null ? number : null;
}
