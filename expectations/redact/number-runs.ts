import type { Span } from './spans.ts';

/** Digits without a gap. */
export interface DigitGroup extends Span {
  readonly digits: string;
}

/** Groups of digits with nothing but what people put between digits in their gaps. */
export interface NumberRun {
  readonly groups: readonly DigitGroup[];
  /** `gaps[i]` stands between group `i` and the next. */
  readonly gaps: readonly string[];
}

/** What may stand between two groups: ` `, `-`, `) `, ` (`. */
const GAP = /^[ ().\-/]{1,3}$/;
const LONGEST_GAP = 3;

/**
 * What has digits and is nobody's: UUIDs, hashes, dates and times. Each alternative begins at a boundary and is bounded,
 * so that looking for them is linear.
 */
const NOBODYS = new RegExp(
  [
    '(?<![0-9a-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z])',
    // MD5, SHA-1, SHA-2 and the names of Postgres's own files.
    '(?<![0-9a-z])(?:[0-9a-f]{128}|[0-9a-f]{96}|[0-9a-f]{64}|[0-9a-f]{56}|[0-9a-f]{40}|[0-9a-f]{32}|[0-9a-f]{24})(?![0-9a-z])',
    // Eight hexadecimal digits that Weir made: one id in five hundred of them begins as a phone number does.
    String.raw`(?<=-by-hand-|backfill-[a-z]{1,20}-|\(file )[0-9a-f]{8}(?![0-9a-z])`,
    // ISO 8601 with what Weir, Postgres and Temporal put behind the date.
    String.raw`(?<!\d)(?:19|20|21)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d)?(?!\d))?|T\d\d(?!\d))?`,
    String.raw`(?<!\d)(?:0[1-9]|[12]\d|3[01])([./-])\d\d\1(?:19|20|21)\d\d(?!\d)`,
  ].join('|'),
  'gi',
);

/** All numbers of a text that could be somebody's, in order. Fractions are none: `0.4111111111111111`. */
export function numberRuns(text: string): readonly NumberRun[] {
  const runs: { groups: DigitGroup[]; gaps: string[] }[] = [];
  const nobodys = text.matchAll(NOBODYS);
  let [skipFrom, skipTo] = [0, 0];
  for (const { 0: digits, index: start } of text.matchAll(/\d+/g)) {
    while (skipTo <= start && skipFrom !== Infinity) {
      const next = nobodys.next();
      [skipFrom, skipTo] = next.done
        ? [Infinity, Infinity]
        : [next.value.index, next.value.index + next.value[0].length];
    }
    if (start >= skipFrom || isFraction(text, start, digits)) continue;
    const group = { digits, start, end: start + digits.length };
    const run = runs.at(-1);
    const gap = run === undefined ? null : gapBetween(text, run.groups.at(-1), start);
    if (run === undefined || gap === null) runs.push({ groups: [group], gaps: [] });
    else {
      run.groups.push(group);
      run.gaps.push(gap);
    }
  }
  return runs;
}

function gapBetween(text: string, before: DigitGroup | undefined, start: number): string | null {
  if (before === undefined || start - before.end > LONGEST_GAP) return null;
  const gap = text.slice(before.end, start);
  return GAP.test(gap) ? gap : null;
}

/** As long as an integer part can be whose fraction anybody writes out. */
const LONGEST_INTEGER = 20;

/** Behind the point of a decimal: not `01.23.45.67.89`, `0171.1234567`, `+49.1711234567`, `212.555.0123`. */
function isFraction(text: string, start: number, digits: string): boolean {
  if (digits.length < 5 || !/[.,]/.test(text[start - 1] ?? '')) return false;
  if (/^\.\d/.test(text.slice(start + digits.length, start + digits.length + 2))) return false;
  const before = text.slice(Math.max(0, start - 2 - LONGEST_INTEGER), start - 1);
  return /(?:^|[^\d.,+])(?:0|[1-9]\d{0,19})$/.test(before);
}
