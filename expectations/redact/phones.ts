import type { DigitGroup, NumberRun } from './number-runs.ts';
import type { Finding } from './spans.ts';

/** Country code and number together. @see https://www.itu.int/rec/T-REC-E.164 */
const MOST_DIGITS = 15;
const LEAST_INTERNATIONAL = 8;
const LEAST_NATIONAL = 9;
const MOST_NATIONAL = 12;

/**
 * Phone numbers of a run: international (`+49 171 1234567`, `0049 …`), North American (`(212) 555-0123`,
 * `1-212-555-0123`), European with the trunk's 0 (`030 1234567`, `01 23 45 67 89`, `06-12345678`, `01711234567`), Spanish
 * (`912 345 678`), and any that a word like `tel` or `phone` stands before. Digits without any of this are ids and counts.
 */
export function findPhones(text: string, run: NumberRun): readonly Finding[] {
  const { groups } = run;
  const found: Finding[] = [];
  for (let first = 0; first < groups.length; first += 1) {
    const last = lastOfPhone(text, run, first);
    const [from, to] = [groups[first], groups[last ?? -1]];
    if (last === null || from === undefined || to === undefined) continue;
    found.push({ kind: 'phone', start: openedAt(text, from.start), end: to.end });
    first = last;
  }
  return found;
}

/** With the `+` and the bracket that belong to it. */
function openedAt(text: string, start: number): number {
  const opening = /[+(]{1,3}$/.exec(text.slice(Math.max(0, start - 3), start));
  return start - (opening?.[0].length ?? 0);
}

function lastOfPhone(text: string, run: NumberRun, first: number): number | null {
  const group = run.groups[first];
  if (group === undefined) return null;
  const before = text.slice(Math.max(0, group.start - 24), group.start);
  if (/(?:^|\D)\+[ (]?$/.test(before) && /^[1-9]/.test(group.digits))
    return longest(run, first, LEAST_INTERNATIONAL, MOST_DIGITS);
  if (
    /(?:\b|_)(?:tel|telephone|telefon|phone|mobile|mobil|cell|fax|call|sms|whatsapp)(?:[ _-]?(?:number|num|nr|no))?(?:[^\w\]]|_){1,4}$/i.test(
      before,
    )
  )
    return longest(run, first, 7, MOST_DIGITS);
  if (!beginsNumber(run, first)) return null;
  return northAmerican(run, first) ?? withTrunk(text, run, first) ?? spanish(run, first);
}

/** Not a later part of a date, a version or a path. */
function beginsNumber({ gaps }: NumberRun, first: number): boolean {
  return first === 0 || /[ (]/.test(gaps[first - 1] ?? '');
}

/** The last group with which a number has as many digits as may be; null where it has too few. */
function longest({ groups }: NumberRun, first: number, least: number, most: number): number | null {
  let digits = 0;
  let found: number | null = null;
  for (let last = first; last < groups.length; last += 1) {
    digits += groups[last]?.digits.length ?? 0;
    if (digits > most) break;
    if (digits >= least) found = last;
  }
  return found;
}

/** `NXX NXX XXXX`, N from 2 to 9. @see https://nationalnanpa.com/about_us/abt_nanp.html */
function northAmerican({ groups }: NumberRun, first: number): number | null {
  const area = groups[first]?.digits === '1' ? first + 1 : first;
  if (groups[area]?.digits.length !== 3) return null;
  const written = groups
    .slice(area, area + 3)
    .map(({ digits }) => digits)
    .join(' ');
  return /^[2-9]\d\d [2-9]\d\d \d{4}$/.test(written) ? area + 2 : null;
}

/** A 0 before the area, or 00 before the country. */
function withTrunk(text: string, run: NumberRun, first: number): number | null {
  const group = run.groups[first];
  if (group === undefined || !group.digits.startsWith('0')) return null;
  const next = run.groups[first + 1]?.digits ?? '';
  if (/^00[1-9]/.test(group.digits) || (group.digits === '00' && /^[1-9]/.test(next)))
    return isBare(text, run, first) ? longest(run, first, 11, MOST_DIGITS + 2) : null;
  if (!/^0[1-9]/.test(group.digits)) return null;
  const last = longest(run, first, LEAST_NATIONAL, MOST_NATIONAL);
  if (last === first) return group.digits.length > LEAST_NATIONAL && isAlone(text, group) ? last : null;
  return last;
}

function isBare(text: string, { groups }: NumberRun, first: number): boolean {
  const group = groups[first];
  return group !== undefined && (group.digits.length < 10 || isAlone(text, group));
}

/** Not a part of a word: of a name, of a hash that was cut. */
function isAlone(text: string, { start, end }: DigitGroup): boolean {
  return !/[a-z]/i.test(text[start - 1] ?? '') && !/[a-z]/i.test(text[end] ?? '');
}

/** `912 345 678`, `612 34 56 78`: nine digits without a 0. Weir itself writes counts with commas. */
function spanish({ groups, gaps }: NumberRun, first: number): number | null {
  if (groups[first]?.digits.length !== 3) return null;
  for (const size of [3, 4]) {
    const written = groups
      .slice(first, first + size)
      .map(({ digits }) => digits)
      .join(' ');
    const between = new Set(gaps.slice(first, first + size - 1));
    const isOne = between.size === 1 && (between.has(' ') || between.has('-'));
    if (isOne && /^[6-9]\d\d(?: \d{3} \d{3}| \d\d \d\d \d\d)$/.test(written)) return first + size - 1;
  }
  return null;
}
