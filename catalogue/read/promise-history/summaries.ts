import { sql } from 'kysely';
import type { Gate } from '../../../expectations/verdict.ts';
import type { Site } from '../../site.ts';
import type { PromiseHistory, PromisesOf } from '../promise-history.ts';

/** A promise, and how it did over the days that were asked for. */
export interface PromiseSummary extends Omit<PromiseHistory, 'latest' | 'strip' | 'series'> {
  /** Of the first evaluation in the days; null where it was not asked in them. */
  readonly firstId: number | null;
  /** Of its first evaluation of all, and of its last. */
  readonly began: number;
  readonly ended: number;
}

/** Promises that one gate asks together: their results lie beside each other and are read at once. */
export interface GatePromises {
  readonly model: string;
  readonly gate: Gate;
  readonly suite: string;
  readonly promises: readonly PromiseSummary[];
}

type Known = Omit<PromiseSummary, 'evaluations' | 'broken' | 'firstId'>;

/** Reads promises by gate and place, with their sums since a time. */
export async function readSummaries(
  { database }: Site,
  of: PromisesOf,
  since: Date,
): Promise<readonly PromiseSummary[]> {
  const asked =
    'suite' in of ? sql`p.suite = ${of.suite}` : sql`p.model = ${of.model} and p.gate = ${of.gate}`;
  const known = await sql<Known>`
    select p.promise_id as "promiseId", p.key, p.place, p.type, p.column_name as column, p.unit, p.model, p.gate, p.suite,
      coalesce(own.began, 0) as began, coalesce(own.ended, 0) as ended,
      coalesce(last_run.suite = p.suite and last_run.evaluation_id = own.ended, false) as current
    from control.promise as p
    cross join lateral (
      select min(r.evaluation_id) as began, max(r.evaluation_id) as ended
      from control.promise_result as r where r.promise_id = p.promise_id
    ) as own
    left join lateral (
      select g.suite, g.evaluation_id from control.gate_run as g
      where g.model = p.model and g.gate = p.gate and g.outcome <> 'error'
      order by g.evaluation_id desc limit 1
    ) as last_run on true
    where ${asked}
    order by p.model, p.gate, p.suite, p.place, p.promise_id`.execute(database);
  // Asked for by number, so that each page of the table is read once for all of them.
  const sums = await sql<Pick<PromiseSummary, 'promiseId' | 'evaluations' | 'broken' | 'firstId'>>`
    select promise_id as "promiseId", sum(evaluations)::bigint as evaluations, sum(broken)::bigint as broken,
      min(first_id) as "firstId"
    from control.promise_span
    where promise_id = any (${known.rows.map(({ promiseId }) => promiseId)}::int[]) and from_at >= ${since}
    group by promise_id`.execute(database);
  const byId = new Map(sums.rows.map((sum) => [sum.promiseId, sum]));
  return known.rows.map((one) => ({
    evaluations: 0,
    broken: 0,
    firstId: null,
    ...one,
    ...byId.get(one.promiseId),
  }));
}

/** The same, by gate. */
export function byGate(promises: readonly PromiseSummary[]): readonly GatePromises[] {
  const gates = new Map<string, GatePromises & { readonly promises: PromiseSummary[] }>();
  for (const promise of promises) {
    const { model, gate, suite } = promise;
    const name = JSON.stringify([model, gate, suite]);
    const found = gates.get(name) ?? { model, gate, suite, promises: [] };
    gates.set(name, found);
    found.promises.push(promise);
  }
  return [...gates.values()];
}
