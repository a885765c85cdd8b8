/**
 * A text as a person reads it: digits of any script as ASCII, dashes as `-`, blanks as a space, full-width letters as
 * plain ones, what URLs and JSON escape as itself, and nothing of what no eye sees (zero-width characters, soft hyphens,
 * marks of direction).
 */
export interface ReadableText {
  readonly text: string;
  /** Where character `index` of `text` begins in the original, in UTF-16 units; the original's length behind the last. */
  readonly at: (index: number) => number;
}

/** ASCII without escapes needs no reading, and is nearly all there is. */
// oxlint-disable-next-line no-control-regex -- All of ASCII is meant.
const PLAIN = /^(?!.*(?:%[24]|\\u))[\x00-\x7f]*$/s;

/** ` ( ) + - . @` as URLs have them, any character as JSON has it, or a character. */
const CHARACTER = /%(?:20|28|29|2B|2D|2E|40)|\\u[0-9a-f]{4}|./gisu;

const UNSEEN = /^[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Me}]$/u;
const DIGIT = /^\p{Nd}$/u;
const DASH = /^[\p{Pd}\u2212]$/u;
const BLANK = /^\p{Zs}$/u;

/** Reads a text. Linear in its length. */
export function readableText(original: string): ReadableText {
  if (PLAIN.test(original)) return { text: original, at: (index) => index };
  const known = new Map<string, string>();
  const parts: string[] = [];
  const places: number[] = [];
  for (const { 0: written, index } of original.matchAll(CHARACTER)) {
    let read = known.get(written);
    if (read === undefined) known.set(written, (read = readCharacter(unescaped(written))));
    parts.push(read);
    for (let unit = 0; unit < read.length; unit += 1) places.push(index);
  }
  return { text: parts.join(''), at: (index) => places[index] ?? original.length };
}

function unescaped(written: string): string {
  if (written.startsWith('%') && written.length === 3) return decodeURIComponent(written);
  return written.length === 6 ? String.fromCharCode(Number.parseInt(written.slice(2), 16)) : written;
}

function readCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return character;
  if (UNSEEN.test(character)) return '';
  if (DIGIT.test(character)) return String(digitValue(code));
  if (DASH.test(character)) return '-';
  return BLANK.test(character) ? ' ' : character.normalize('NFKC');
}

/**
 * Unicode keeps the digits 0 to 9 of a script together and in order.
 *
 * @see https://www.unicode.org/policies/stability_policy.html
 */
function digitValue(code: number): number {
  let zero = code;
  while (DIGIT.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return (code - zero) % 10;
}
