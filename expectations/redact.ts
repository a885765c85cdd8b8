import { findCards, isCardNumber } from './redact/cards.ts';
import { findEmails } from './redact/emails.ts';
import { numberRuns } from './redact/number-runs.ts';
import { findPhones } from './redact/phones.ts';
import { readableText } from './redact/readable-text.ts';
import { apart } from './redact/spans.ts';

/** Any JSON value. */
export type RedactedJson =
  | string
  | number
  | boolean
  | null
  | readonly RedactedJson[]
  | { readonly [name: string]: RedactedJson };

/** Nothing in a text without an `@` and so few digits can be found. */
const FEWEST_DIGITS = 7;

/**
 * Takes out of a text what looks like a card number, an e-mail address or a phone number, and says in its place what it was:
 * `[card]`, `[e-mail]`, `[phone]`.
 *
 * It is the last of what keeps personal data in the database, not the first: texts that leave are made of names, codes and
 * counts. So it lets everything stand that Weir itself writes: UUIDs, hashes, snapshots, times, counts, versions, paths.
 * What it cannot know are names and numbers that look like any other: `2125550123` without a blank or a word before it.
 *
 * Linear in the text's length. Doing it again changes nothing.
 */
export function redactText(text: string): string {
  let told = text;
  // What stood beside a number that is gone now may be read by itself: a card right behind a phone number.
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const next = redactOnce(told);
    if (next === told) break;
    told = next;
  }
  return told;
}

/** Each pass takes at least one number out of a row of them that stand side by side. */
const MOST_PASSES = 8;

function redactOnce(text: string): string {
  const { text: read, at } = readableText(text);
  const digits = read.match(/\d/g)?.length ?? 0;
  if (digits < FEWEST_DIGITS && !read.includes('@')) return text;
  const runs = digits < FEWEST_DIGITS ? [] : numberRuns(read);
  const found = apart([
    ...findEmails(read),
    ...runs.flatMap((run) => findCards(run)),
    ...runs.flatMap((run) => findPhones(read, run)),
  ]);
  if (found.length === 0) return text;
  const parts: string[] = [];
  let kept = 0;
  for (const { kind, start, end } of found) {
    parts.push(text.slice(kept, at(start)), `[${kind}]`);
    kept = at(end);
  }
  return parts.join('') + text.slice(kept);
}

/** What a text has of it, as a sentence says it: `[e-mail] and [phone]`; null where it has nothing. */
export function personalIn(text: string): string | null {
  const told = redactText(text);
  return told === text ? null : [...new Set(told.match(/\[(?:card|e-mail|phone)\]/g))].join(' and ');
}

/**
 * The same for all texts within a value as JSON has them, names of fields too; a number that is a card's becomes `[card]`.
 * What is no plain object or list (a `Date`, a `Buffer`) stays as it is.
 */
export function redactJson(value: RedactedJson): RedactedJson;
export function redactJson(value: unknown): unknown;
export function redactJson(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'number' || typeof value === 'bigint')
    return isCardNumber(String(value)) ? '[card]' : value;
  if (Array.isArray(value)) return value.map((one: unknown) => redactJson(one));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [redactText(name), redactJson(one)]));
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
