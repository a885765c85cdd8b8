import { sql } from 'kysely';
import type { PromiseUnit } from '../../expectations/promise-result.ts';
import type { Gate, Severity } from '../../expectations/verdict.ts';
import type { Site } from '../site.ts';
import { readBounds } from './promise-history/bounds-holding.ts';
import { byGate, readKnownPromises } from './promise-history/known-promises.ts';
import type { GatePromises } from './promise-history/known-promises.ts';
import { readNumbers, SPAN_HOURS } from './promise-history/series.ts';
import { readStrips } from './promise-history/strips.ts';

/** What became of a promise: an errored one could not be checked, and counts as broken for its gate. */
export type PromiseOutcome = 'held' | 'broken' | 'errored';

/**
 * What a promise's numbers are: `value` of the aggregate or count it is about; `age` of a time in seconds, from the time to the
 * as-of time of the load, so that a bound of `now() - 5 minutes` is a line at 300; `share` (0 to 1) of the rows that keep it.
 */
export type { PromiseUnit };

/** A promise at one evaluation of its gate. */
export interface PromiseMoment {
  readonly evaluationId: number;
  readonly verdictId: string;
  readonly at: Date;
  readonly outcome: PromiseOutcome;
  /** Null where the whole gate could not be checked, and no promise was asked. */
  readonly severity: Severity | null;
  /** Rows that broke it, of how many it was asked of; null where it is not about single rows. */
  readonly unexpected: number | null;
  readonly elements: number | null;
  /** The aggregate that it is about; null where it is about rows, a personal column or no number. */
  readonly observed: number | null;
  /** Its bounds as they were then, parameters filled in; of a promise about rows, on the share that keeps it. */
  readonly lower: number | null;
  readonly upper: number | null;
}

/** A stretch of time of a promise's line: of the observed value, or of the share of rows that keep the promise. */
export interface Bucket {
  readonly from: Date;
  readonly to: Date;
  readonly low: number;
  readonly high: number;
  readonly last: number;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly worst: PromiseOutcome;
  readonly evaluations: number;
}

/** A promise as one gate has asked it. */
export interface PromiseHistory {
  readonly promiseId: number;
  /** What stays the same when a bound changes: type, columns, row condition. */
  readonly key: string;
  /** Its index in the suite when it was last asked. */
  readonly place: number;
  readonly type: string;
  readonly column: string | null;
  /** Null where it is about no number that may be kept: only outcomes have a past then. */
  readonly unit: PromiseUnit | null;
  readonly model: string;
  readonly gate: Gate;
  readonly suite: string;
  /** Whether the gate's last evaluation that could be checked asked it: false of what the suite promises no more. */
  readonly current: boolean;
  readonly latest: PromiseMoment | null;
  /** The last 60 evaluations of its gate, oldest first; where the gate could not be checked, errored. */
  readonly strip: readonly PromiseMoment[];
  /** At most 120, over the days that were asked for; without stretches of no evaluation. */
  readonly series: readonly Bucket[];
  /** In the days that were asked for: how often it was asked, and how often it did not hold. */
  readonly evaluations: number;
  readonly broken: number;
}

/** Which promises: of a suite wherever it is asked, or of one gate. */
export type PromisesOf = { readonly suite: string } | { readonly model: string; readonly gate: Gate };

/** A promise at one evaluation, with what it is. */
export interface AskedPromise extends PromiseMoment {
  readonly promiseId: number;
  readonly place: number;
  readonly type: string;
  readonly column: string | null;
  readonly unit: PromiseUnit | null;
  readonly key: string;
}

/** Where the bounds of a promise would have to be to hold in a share of its evaluations. */
export interface BoundsHolding {
  readonly promiseId: number;
  /** Those with a number: of these the share is taken. */
  readonly evaluations: number;
  /** Only of the sides that the promise has. */
  readonly lower: number | null;
  readonly upper: number | null;
  readonly unit: PromiseUnit;
}

const MILLISECONDS_A_DAY = 86_400_000;

/**
 * Promises with their past, by gate and then by place; of a suite, those of every gate that asks it.
 *
 * @param days how far back series and counts go: up to 400, which is what is kept. They begin at a multiple of six hours.
 */
export async function readPromiseHistories(
  site: Site,
  of: PromisesOf,
  { days }: { readonly days: number },
): Promise<readonly PromiseHistory[]> {
  const since = beginning(site, days);
  const gates = byGate(await readKnownPromises(site, of));
  return (await Promise.all(gates.map((gate) => withPast(site, gate, since)))).flat();
}

async function withPast(site: Site, gate: GatePromises, since: Date): Promise<readonly PromiseHistory[]> {
  const [strips, numbers] = await Promise.all([readStrips(site, gate), readNumbers(site, gate, since)]);
  return gate.promises.map(({ began: _began, ended: _ended, ...promise }) => {
    const strip = strips.get(promise.promiseId) ?? [];
    const { series, evaluations, broken } = numbers.get(promise.promiseId) ?? NEVER_ASKED;
    return { ...promise, latest: strip.at(-1) ?? null, strip, series, evaluations, broken };
  });
}

const NEVER_ASKED = { series: [], evaluations: 0, broken: 0 };

/** What one evaluation of a gate asked, by place; nothing where the gate could not be checked. */
export async function readPromisesOf(
  { database }: Site,
  evaluationId: number,
): Promise<readonly AskedPromise[]> {
  const { rows } = await sql<AskedPromise>`
    select p.promise_id as "promiseId", p.place, p.type, p.column_name as column, p.unit, p.key,
      r.evaluation_id as "evaluationId", run.verdict_id as "verdictId", r.evaluated_at as at, r.outcome, r.severity,
      r.unexpected, r.elements, r.observed, r.lower, r.upper
    from control.gate_run as run
    join control.promise as p on p.model = run.model and p.gate = run.gate and p.suite = run.suite
    join control.promise_result as r on r.promise_id = p.promise_id and r.evaluation_id = run.evaluation_id
    where run.evaluation_id = ${evaluationId}
    order by p.place, p.promise_id`.execute(database);
  return rows;
}

/**
 * Where bounds would have to be to hold in `share` of the evaluations of the last `days`, by promise; of a promise of a
 * gate of a minute, in the last 2,500. Promises without a number are not in it.
 */
export async function readBoundsHolding(
  site: Site,
  promiseIds: readonly number[],
  share = 0.99,
  days = 90,
): Promise<ReadonlyMap<number, BoundsHolding>> {
  return promiseIds.length === 0 ? new Map() : readBounds(site, promiseIds, share, beginning(site, days));
}

/** So many days ago, at the beginning of a span. */
function beginning({ at }: Site, days: number): Date {
  const span = SPAN_HOURS * 3_600_000;
  return new Date(Math.floor((at.getTime() - days * MILLISECONDS_A_DAY) / span) * span);
}
