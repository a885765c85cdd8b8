import type { NumberRun } from './number-runs.ts';
import type { Finding } from './spans.ts';

/** Lengths of card numbers by what they begin with. */
interface Issuer {
  readonly from: number;
  readonly to: number;
  readonly lengths: readonly number[];
}

const of = (from: number, to: number, ...lengths: readonly number[]): Issuer => ({ from, to, lengths });
const SIXTEEN_ON = [16, 17, 18, 19] as const;

/**
 * What a card number begins with and how long it is. Without them one number in ten of the right length would count as a
 * card: epoch times, system identifiers of Postgres.
 *
 * @see https://en.wikipedia.org/wiki/Payment_card_number#Issuer_identification_number_(IIN)
 */
const ISSUERS: readonly Issuer[] = [
  of(4, 4, 13, 16, 19), // Visa
  of(51, 55, 16), // Mastercard
  of(2221, 2720, 16), // Mastercard
  of(34, 34, 15), // American Express
  of(37, 37, 15), // American Express
  of(36, 36, 14, 15, 16, 17, 18, 19), // Diners Club
  of(300, 305, 14, ...SIXTEEN_ON), // Diners Club
  of(3095, 3095, 14, ...SIXTEEN_ON), // Diners Club
  of(38, 39, 14, ...SIXTEEN_ON), // Diners Club
  of(6011, 6011, ...SIXTEEN_ON), // Discover
  of(644, 659, ...SIXTEEN_ON), // Discover, RuPay
  of(60, 60, 16), // RuPay, Hipercard
  of(62, 62, ...SIXTEEN_ON), // UnionPay
  of(81, 82, ...SIXTEEN_ON), // UnionPay, RuPay
  of(3528, 3589, ...SIXTEEN_ON), // JCB
  of(50, 50, 13, 14, 15, ...SIXTEEN_ON), // Maestro, Verve, RuPay
  of(56, 59, 13, 14, 15, ...SIXTEEN_ON), // Maestro
  of(6304, 6304, 13, 14, 15, ...SIXTEEN_ON), // Maestro
  of(6759, 6763, 13, 14, 15, ...SIXTEEN_ON), // Maestro
  of(676770, 676774, 13, 14, 15, ...SIXTEEN_ON), // Maestro
  of(2200, 2205, ...SIXTEEN_ON), // Mir
  of(9792, 9792, 16), // Troy
];

const LEAST_DIGITS = 13;
const MOST_DIGITS = 19;

/** Whether digits alone are a card number: known beginning and length, and the check digit fits. */
export function isCardNumber(digits: string): boolean {
  const { length } = digits;
  if (length < LEAST_DIGITS || length > MOST_DIGITS) return false;
  if (!fitsLuhn(digits)) return false;
  return ISSUERS.some(({ from, to, lengths }) => {
    const begins = Number(digits.slice(0, String(from).length));
    return begins >= from && begins <= to && lengths.includes(length);
  });
}

/** @see https://www.iso.org/standard/70484.html ISO/IEC 7812-1, annex B */
function fitsLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const doubled = index % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Card numbers among the groups of a run: those of one or more neighbours together. Linear: none has 20 digits. */
export function findCards({ groups, gaps }: NumberRun): readonly Finding[] {
  const found: Finding[] = [];
  for (let first = 0; first < groups.length; first += 1) {
    const last = lastOfCard(groups, gaps, first);
    const [from, to] = [groups[first], groups[last ?? -1]];
    if (last === null || from === undefined || to === undefined) continue;
    found.push({ kind: 'card', start: from.start, end: to.end });
    first = last;
  }
  return found;
}

function lastOfCard(groups: NumberRun['groups'], gaps: NumberRun['gaps'], first: number): number | null {
  if (/^[017]/.test(groups[first]?.digits ?? '0')) return null; // No issuer's: most groups end here.
  let digits = '';
  let longest: number | null = null;
  for (let last = first; last < groups.length; last += 1) {
    digits += groups[last]?.digits ?? '';
    if (digits.length > MOST_DIGITS) break;
    if (digits.length < LEAST_DIGITS || !isCardNumber(digits)) continue;
    if (last === first || isGrouping(groups.slice(first, last + 1), gaps.slice(first, last))) longest = last;
  }
  return longest;
}

/**
 * Whether people write a number in such groups. Several numbers beside each other are none: dates, the cells of a table.
 */
function isGrouping(groups: NumberRun['groups'], gaps: readonly string[]): boolean {
  if (gaps.some((gap) => !/^[ .-]{1,3}$/.test(gap))) return false;
  const lengths = groups.slice(0, -1).map(({ digits }) => digits.length);
  const isEven = lengths.every((length) => length === lengths[0]);
  return lengths.every((length) => length >= 4) || (isEven && new Set(gaps).size === 1);
}
