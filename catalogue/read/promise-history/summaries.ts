import { sql } from 'kysely';
import type { Site } from '../../site.ts';
import type { PromiseHistory, PromisesOf } from '../promise-history.ts';

/** A promise, how it did over the days that were asked for, and where its results begin and end. */
export interface PromiseSummary extends Omit<PromiseHistory, 'latest' | 'strip' | 'series'> {
  /** Of the first evaluation in the days; null where it was not asked in them. */
  readonly firstId: number | null;
  /** Of its first evaluation of all, and of its last. */
  readonly began: number;
  readonly ended: number;
}

/**
 * Reads promises by gate and place. Sums come from the spans of six hours: some rows a promise and day, whatever it is
 * asked how often.
 */
export async function readSummaries(
  { database }: Site,
  of: PromisesOf,
  since: Date,
): Promise<readonly PromiseSummary[]> {
  const asked =
    'suite' in of ? sql`p.suite = ${of.suite}` : sql`p.model = ${of.model} and p.gate = ${of.gate}`;
  const { rows } = await sql<PromiseSummary>`
    select p.promise_id as "promiseId", p.key, p.place, p.type, p.column_name as column, p.unit, p.model, p.gate, p.suite,
      coalesce(past.evaluations, 0) as evaluations, coalesce(past.broken, 0) as broken, past.first_id as "firstId",
      coalesce(own.began, 0) as began, coalesce(own.ended, 0) as ended,
      coalesce(last_run.suite = p.suite and last_run.evaluation_id = own.ended, false) as current
    from control.promise as p
    cross join lateral (
      select sum(s.evaluations)::bigint as evaluations, sum(s.broken)::bigint as broken, min(s.first_id) as first_id
      from control.promise_span as s where s.promise_id = p.promise_id and s.from_at >= ${since}
    ) as past
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
    order by p.model, p.gate, p.place, p.promise_id`.execute(database);
  return rows;
}
