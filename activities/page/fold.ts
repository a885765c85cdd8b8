import type { PageEvent } from '../notifiers/notifier.ts';

/** For how long after an incident was opened what fails for the same reason is added to it. */
export const STORM_MS = 5 * 60_000;

export type Severity = PageEvent['severity'];

/** What depends on what, as far as the files can be read. */
export interface Lineage {
  /** All that a model or source is made of, itself among them. */
  above(relation: string): ReadonlySet<string>;
}

/** What failed, as far as it decides whose page tells of it. */
export interface Failing {
  readonly dedupKey: string;
  /** The model or source that it is about; null where it is about none. */
  readonly relation: string | null;
  /** The deltas that this one reads. */
  readonly reads: readonly string[];
  readonly severity: Severity;
}

/** An incident that is open. */
export interface Open extends Failing {
  readonly openedAt: Date;
  /** The incident whose page tells of it; null where it has its own. */
  readonly memberOf: string | null;
}

/** A failure that has no open incident yet. */
export interface NewFailure extends Failing {
  readonly at: Date;
  /** The incident that explains it, where somebody knows one. */
  readonly because: string | null;
  /** The incident that it was added to when it failed before. */
  readonly wasMemberOf: string | null;
}

/** Whose page tells of a failure, and which relation it shares with that one. */
export interface Umbrella {
  readonly dedupKey: string;
  readonly shares: string | null;
}

/**
 * The incident that a failure is added to; null where it pages by itself. It is added to the one that explains it; to the
 * one that it was added to before, while that is open; else to the oldest that was opened in the last five minutes, is as
 * loud, and shares with it a relation that is stale or failing, or the delta that both read. Never to a member: whoever
 * is told of one is told of all under one key.
 *
 * @param troubled models and sources that are held.
 */
export function umbrellaOf(
  failure: NewFailure,
  open: readonly Open[],
  troubled: ReadonlySet<string>,
  lineage: Lineage,
): Umbrella | null {
  const others = open.filter(({ dedupKey }) => dedupKey !== failure.dedupKey);
  const trouble = new Set([
    ...troubled,
    ...[failure, ...others].flatMap(({ relation }) => (relation === null ? [] : [relation])),
  ]);
  const join = (to: Open): Umbrella => ({
    dedupKey: to.dedupKey,
    shares: sharedRelation(failure, to, trouble, lineage),
  });
  const explained = headOf(others, failure.because);
  if (explained !== null) return join(explained);
  const before = headOf(others, failure.wasMemberOf);
  if (before !== null && isAsLoud(before, failure)) return join(before);
  const age = ({ openedAt }: Open): number => failure.at.getTime() - openedAt.getTime();
  const near = others
    .filter((one) => one.memberOf === null && age(one) <= STORM_MS && isAsLoud(one, failure))
    .toSorted((a, b) => age(b) - age(a) || (a.dedupKey < b.dedupKey ? -1 : 1));
  return near.map(join).find(({ shares }) => shares !== null) ?? null;
}

/** The open incident of a key, or the one that it belongs to. */
function headOf(open: readonly Open[], dedupKey: string | null): Open | null {
  const found = open.find((one) => one.dedupKey === dedupKey);
  if (found === undefined || found.memberOf === null) return found ?? null;
  return open.find((one) => one.dedupKey === found.memberOf && one.memberOf === null) ?? null;
}

const LOUDNESS: readonly Severity[] = ['info', 'warning', 'error', 'critical'];

/** Whether one severity is louder than another. */
export function isLouder(one: Severity, than: Severity): boolean {
  return LOUDNESS.indexOf(one) > LOUDNESS.indexOf(than);
}

/** What is louder wakes whom the quieter one may have let sleep. */
function isAsLoud(one: Failing, as: Failing): boolean {
  return !isLouder(as.severity, one.severity);
}

/**
 * What two failures have in common: of all that both are made of the one in trouble that is furthest upstream, else the
 * delta that both read.
 */
function sharedRelation(
  a: Failing,
  b: Failing,
  trouble: ReadonlySet<string>,
  { above }: Lineage,
): string | null {
  if (a.relation === null || b.relation === null) return null;
  const over = above(b.relation);
  const shared = [...above(a.relation)].filter((one) => over.has(one) && trouble.has(one));
  const size = (relation: string): number => above(relation).size;
  const [furthest] = shared.toSorted((x, y) => size(x) - size(y) || (x < y ? -1 : 1));
  const [delta] = a.reads.filter((one) => b.reads.includes(one)).toSorted();
  return furthest ?? delta ?? null;
}
