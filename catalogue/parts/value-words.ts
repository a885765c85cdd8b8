import { numberText, shareText, spanText } from './texts.ts';
import type { PromiseMoment, PromiseUnit } from '../read/promise-history.ts';

/** A number of a promise in words: `12 345`, `99.9 %`, `5 min`. */
export function valueWords(value: number, unit: PromiseUnit): string {
  if (unit === 'share') return shareText(value);
  if (unit === 'value') return numberText(value);
  return value < 0 ? `${spanText(-value)} ahead` : spanText(value);
}

/** Bounds in words: `at least 8 000, at most 20 000 000`, `every row`; null where there is none. */
export function boundWords(
  { lower, upper }: Pick<PromiseMoment, 'lower' | 'upper'>,
  unit: PromiseUnit,
): string | null {
  if (unit === 'share' && lower === 1) return 'every row';
  const said = [
    ...(lower === null ? [] : [`at least ${valueWords(lower, unit)}`]),
    ...(upper === null ? [] : [`at most ${valueWords(upper, unit)}`]),
  ];
  return said.length === 0 ? null : `${said.join(', ')}${unit === 'age' ? ' old' : ''}`;
}

/** Digits of long numbers in groups, as everywhere on the pages: `between 0 and 10 000 000`. */
export function groupedWords(words: string): string {
  return words.replaceAll(/(?<![\w.,:{^-])\d{5,}(?![\w.,:}-])/g, (digits) => numberText(Number(digits)));
}
