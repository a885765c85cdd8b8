import { isList, isObject } from '../../expectations/json.ts';
import type { Json, JsonObject } from '../../expectations/json.ts';
import type { Answer } from './ask-case.ts';
import type { Case } from './read-cases.ts';

/** What is compared, the main thing first. */
export const levels = ['outcome', 'counts', 'lists', 'shape'] as const;
export type Level = (typeof levels)[number];

/** Where an answer differs from Great Expectations', by level; a level that does not apply is not there. */
export type Comparison = ReadonlyMap<Level, readonly string[]>;

const COUNTS: readonly string[] = ['observed_value', 'element_count', 'unexpected_count', 'missing_count'];
const LISTS: readonly string[] = [
  'unexpected_list',
  'partial_unexpected_list',
  'unexpected_index_list',
  'partial_unexpected_index_list',
  'partial_unexpected_counts',
  'unexpected_rows',
  'details',
];
/** Great Expectations cuts full lists at this many rows on SQL. */
const MOST_LISTED = 200;

/** Compares an answer with Great Expectations', level by level. */
export function compare(one: Case, answer: Answer): Comparison {
  const { gx, tags } = one;
  const found = new Map<Level, readonly string[]>([['outcome', outcomeDifference(one, answer)]]);
  if (gx.error !== null || tags.has('now')) return found;
  const ours = answer.error === null ? answer.result : {};
  if (answer.error !== null) {
    const failed = [`error instead: ${answer.error.slice(0, 300)}`];
    return new Map(levels.filter((level) => applies(level, one)).map((level) => [level, failed]));
  }
  const keys = Object.keys(gx.result);
  found.set(
    'counts',
    keys.filter(isCount).flatMap((key) => countDifference(key, gx.result, ours)),
  );
  if (tags.has('unstable')) return found;
  found.set(
    'lists',
    keys.filter((key) => LISTS.includes(key)).flatMap((key) => listDifference(key, gx.result, ours)),
  );
  found.set('shape', shapeDifference(gx.result, ours));
  return found;
}

function applies(level: Level, { tags }: Case): boolean {
  return level === 'outcome' || level === 'counts' || !tags.has('unstable');
}

function outcomeDifference({ gx }: Case, answer: Answer): readonly string[] {
  const theirs = gx.error === null ? String(gx.success) : 'error';
  const ours = answer.error === null ? String(answer.success) : 'error';
  if (theirs === ours) return [];
  return [`${ours} instead of ${theirs}${answer.error === null ? '' : `: ${answer.error.slice(0, 300)}`}`];
}

function isCount(key: string): boolean {
  return COUNTS.includes(key) || key.includes('percent');
}

function countDifference(key: string, theirs: JsonObject, ours: JsonObject): readonly string[] {
  const [their, our] = [theirs[key] ?? null, ours[key]];
  if (our !== undefined && sameValue(their, our)) return [];
  return [`${key} ${shown(our)} instead of ${shown(their)}`];
}

function shapeDifference(theirs: JsonObject, ours: JsonObject): readonly string[] {
  const missing = Object.keys(theirs).filter((key) => !(key in ours));
  const extra = Object.keys(ours).filter((key) => !(key in theirs));
  return [
    ...(missing.length === 0 ? [] : [`without ${missing.join(', ')}`]),
    ...(extra.length === 0 ? [] : [`with ${extra.join(', ')}`]),
  ];
}

function listDifference(key: string, theirs: JsonObject, ours: JsonObject): readonly string[] {
  const [their, our] = [theirs[key] ?? null, ours[key]];
  const difference = [`${key} ${shown(our)} instead of ${shown(their)}`];
  if (our === undefined) return difference;
  if (!isList(their) || !isList(our)) return sameValue(their, our, true) ? [] : difference;
  if (isCut(key, their, theirs)) return sameSize(key, their, our) ? [] : difference;
  return sameBag(their, our) ? [] : difference;
}

/** A list that Great Expectations cut: any rows as many are right. */
function isCut(key: string, their: readonly Json[], theirs: JsonObject): boolean {
  const unexpected = Number(theirs['unexpected_count'] ?? 0);
  if (key === 'partial_unexpected_counts')
    return isList(theirs['partial_unexpected_list']) && theirs['partial_unexpected_list'].length < unexpected;
  return their.length < unexpected || their.length === MOST_LISTED;
}

function sameSize(key: string, their: readonly Json[], our: readonly Json[]): boolean {
  if (key !== 'partial_unexpected_counts') return their.length === our.length;
  const total = (list: readonly Json[]): number =>
    list.reduce<number>((sum, item) => sum + Number(isObject(item) ? item['count'] : Number.NaN), 0);
  return total(their) === total(our);
}

function sameBag(their: readonly Json[], our: readonly Json[]): boolean {
  if (their.length !== our.length) return false;
  const left = [...our];
  return their.every((item) => {
    const at = left.findIndex((other) => sameValue(item, other, true));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

/**
 * Whether two values are the same: numbers within a millionth, `{"$float": "NaN"}` as the text that JSON has for it.
 *
 * @param bags lists in any order; at the top they always may be.
 */
function sameValue(their: Json, our: Json, bags = false): boolean {
  if (isObject(their) && typeof their['$float'] === 'string') return sameValue(their['$float'], our);
  if (typeof their === 'number' && typeof our === 'number')
    return their === our || Math.abs(their - our) <= 1e-6 * Math.max(Math.abs(their), Math.abs(our));
  // Digits that a double has no room for are text with us; what stands in the file was read as a double.
  if (typeof their === 'number' && typeof our === 'string' && /^-?\d+(\.\d+)?$/.test(our))
    return sameValue(their, Number(our));
  if (isList(their)) {
    if (!isList(our) || their.length !== our.length) return false;
    return bags ? sameBag(their, our) : their.every((item, at) => sameValue(item, our[at] ?? null));
  }
  if (!isObject(their)) return their === our;
  if (!isObject(our) || Object.keys(our).length !== Object.keys(their).length) return false;
  return Object.entries(their).every(
    ([key, value]) => key in our && sameValue(value, our[key] ?? null, bags),
  );
}

/** JSON of a value, cut where it would fill the screen. */
export function shown(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 240 ? `${text.slice(0, 240)}…` : text;
}
