/** What a directive of strftime stands for, as a regular expression of Postgres's, in Python's reading. */
const DIRECTIVES: Readonly<Record<string, string>> = {
  Y: '\\d{4}',
  y: '\\d{2}',
  m: '1[0-2]|0[1-9]|[1-9]',
  d: '3[01]|[12]\\d|0[1-9]|[1-9]',
  j: '36[0-6]|3[0-5]\\d|[12]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9]',
  H: '2[0-3]|[01]\\d|\\d',
  I: '1[0-2]|0[1-9]|[1-9]',
  M: '[0-5]\\d|\\d',
  S: '6[01]|[0-5]\\d|\\d',
  f: '\\d{1,6}',
  p: '[AaPp][Mm]',
  z: '[+-]\\d{2}:?[0-5]\\d(?::?[0-5]\\d(?:\\.\\d{1,6})?)?|Z',
  Z: 'UTC|GMT|utc|gmt',
  a: 'mon|tue|wed|thu|fri|sat|sun',
  A: 'monday|tuesday|wednesday|thursday|friday|saturday|sunday',
  b: 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec',
  B: 'january|february|march|april|may|june|july|august|september|october|november|december',
  w: '[0-6]',
  '%': '%',
};

/** A format of strftime as a regular expression, with the place of each directive's group. */
export interface TimePattern {
  readonly regex: string;
  /** Number of the group of each directive, from 1. */
  readonly groups: ReadonlyMap<string, number>;
}

/** Reads a format of strftime, such as `%Y-%m-%d`; the directive that is not known as text, where there is one. */
export function readStrftime(format: string): TimePattern | string {
  const groups = new Map<string, number>();
  const pieces = format.match(/%[\s\S]?|\s+|[^%\s]/g) ?? [];
  let regex = '';
  for (const piece of pieces) {
    const directive = piece.startsWith('%') ? piece.slice(1) : null;
    if (directive === null) {
      regex += /^\s/.test(piece) ? '\\s+' : escaped(piece);
      continue;
    }
    const pattern = DIRECTIVES[directive];
    if (pattern === undefined || groups.has(directive)) return piece;
    groups.set(directive, groups.size + 1);
    regex += `(${pattern})`;
  }
  // Names of days and months in any case, as Python reads them.
  return { regex: `(?i)^(?:${regex})$`, groups };
}

function escaped(character: string): string {
  return /[\w\u0080-\uffff]/.test(character) ? character : `\\${character}`;
}

/** A replacement that makes a date of the groups, or null where the format has no whole date of numbers. */
export function dateOf({ groups }: TimePattern): string | null {
  const [full, short, month, day] = ['Y', 'y', 'm', 'd'].map((directive) => groups.get(directive));
  if (month === undefined || day === undefined || (full === undefined && short === undefined)) return null;
  // Of two digits the century does not matter to whether the day exists: 2000 is a leap year, as 1972 to 1996 are.
  const year = full === undefined ? `20\\${String(short)}` : `\\${String(full)}`;
  return `${year}-\\${month}-\\${day}`;
}
