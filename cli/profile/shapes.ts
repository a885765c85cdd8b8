import type { Shape } from './profile.ts';

/** Kinds of text that have a usual pattern, the narrowest first. The patterns mean the same to Postgres and Python. */
export const textClasses: Readonly<Record<string, string>> = {
  uuid: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$',
  'an ISO date': '^[0-9]{4}-[01][0-9]-[0-3][0-9]$',
  'an ISO time': '^[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9]',
  'an e-mail address': '^[^@ ]+@[^@ ]+[.][^@ .]+$',
  'a web address': '^https?://[^ ]+$',
  'an IPv4 address': '^([0-9]{1,3}[.]){3}[0-9]{1,3}$',
};

/** What is told only of text that has no shape: digits alone are hexadecimal too. */
export const HEXADECIMAL = 'hexadecimal';
export const hexadecimalPattern = '^[0-9a-f]{16,}$';

/** JSON is told by reading it, not by a pattern. */
export const JSON_CLASS = 'JSON';

/** What `translate` makes of a text's characters to get its shape. */
export const shapeAlphabet = {
  from: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  to: `${'9'.repeat(10)}${'A'.repeat(26)}${'a'.repeat(26)}`,
} as const;

const CLASSES: Readonly<Record<string, string>> = { '9': '[0-9]', A: '[A-Z]', a: '[a-z]' };
/** More kinds of text than this are no pattern. */
const MOST_KINDS = 3;
/** What share of the rows has to be of them: an odd one out is found later. */
const NEARLY_ALL = 0.99;
/** Postgres counts repetitions up to this. */
const MOST_REPEATED = 255;

interface Run {
  readonly sign: string;
  least: number;
  most: number;
}

/**
 * The regular expression of texts of some shapes: `T99999999` becomes `^T[0-9]{8}$` where all begin with T. Shapes that
 * differ only in how often a sign repeats are one kind; kinds that hardly any text has are left out. Null where there
 * is no pattern to speak of.
 *
 * @param present rows that have a text; there may be more shapes than are given.
 * @param literal whether what all begin with may stand in it as it is.
 */
export function patternOf(shapes: readonly Shape[], present: number, literal: boolean): string | null {
  const common = commonShapes(shapes, present);
  const prefix = literal ? commonStart(common.map((one) => one.prefix)) : '';
  const kinds = new Map<string, Run[]>();
  for (const { shape } of common) {
    const runs = runsOf(shape, prefix);
    kinds.set(kindOf(runs), widened(kinds.get(kindOf(runs)) ?? runs, runs));
  }
  const patterns = [...kinds.values()];
  if (patterns.length === 0 || patterns.length > MOST_KINDS || !patterns.every(isPattern)) return null;
  const texts = patterns.map((runs) => runs.map(textOf).join(''));
  return texts.length === 1 ? `^${texts[0] ?? ''}$` : `^(${texts.join('|')})$`;
}

/** The shapes of the commonest kinds, until nearly all rows are of one. */
function commonShapes(shapes: readonly Shape[], present: number): readonly Shape[] {
  const kinds = Map.groupBy(shapes, ({ shape }) => kindOf(runsOf(shape, '')));
  const rowsOf = (some: readonly Shape[]): number => some.reduce((sum, { rows }) => sum + rows, 0);
  const sorted = [...kinds.values()].toSorted((a, b) => rowsOf(b) - rowsOf(a));
  const enough = NEARLY_ALL * present;
  if (rowsOf(shapes) < enough) return [];
  return sorted.filter((_, place) => rowsOf(sorted.slice(0, place).flat()) < enough).flat();
}

function kindOf(runs: readonly Run[]): string {
  return runs.map(({ sign }) => sign).join('\u0000');
}

/** What all of some texts begin with. */
export function commonStart(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  return others.reduce((start, text) => {
    const [a, b] = [Array.from(start), Array.from(text)];
    const end = a.findIndex((sign, place) => sign !== b[place]);
    return a.slice(0, end < 0 ? a.length : end).join('');
  }, first);
}

function runsOf(shape: string, prefix: string): Run[] {
  const begins = Array.from(prefix);
  // Letters of the prefix stand for themselves; its digits do so only where a letter or sign follows them.
  const literal = begins.slice(0, begins.findLastIndex((sign) => !/[0-9]/.test(sign)) + 1);
  const signs = [...literal.map((sign) => `=${sign}`), ...Array.from(shape).slice(literal.length)];
  const runs: Run[] = [];
  for (const sign of signs) {
    const last = runs.at(-1);
    if (last !== undefined && last.sign === sign && CLASSES[sign] !== undefined) {
      last.least += 1;
      last.most += 1;
    } else runs.push({ sign, least: 1, most: 1 });
  }
  return runs;
}

function widened(before: readonly Run[], runs: readonly Run[]): Run[] {
  return runs.map(({ sign, least, most }, place) => ({
    sign,
    least: Math.min(least, before[place]?.least ?? least),
    most: Math.max(most, before[place]?.most ?? most),
  }));
}

/** Plain words of one case are no pattern, nor is text that is mostly other signs. */
function isPattern(runs: readonly Run[]): boolean {
  const counted = runs.filter(({ sign }) => CLASSES[sign] !== undefined);
  if (runs.length === 0) return false;
  const telling = runs.length > 1 || counted.every(({ least, most }) => least === most);
  return telling && runs.length <= 16 && runs.every(({ most }) => most <= MOST_REPEATED);
}

function textOf({ sign, least, most }: Run): string {
  const one = CLASSES[sign] ?? escaped(sign.length > 1 && sign.startsWith('=') ? sign.slice(1) : sign);
  if (least === most) return least === 1 ? one : `${one}{${least}}`;
  return `${one}{${least},${most}}`;
}

function escaped(sign: string): string {
  return /^[\\^$.|?*+()[\]{}]$/.test(sign) ? `\\${sign}` : sign;
}
