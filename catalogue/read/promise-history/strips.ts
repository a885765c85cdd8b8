import { sql } from 'kysely';
import type { Site } from '../../site.ts';
import type { PromiseMoment } from '../promise-history.ts';
import type { PromiseSummary } from './summaries.ts';

/** How many evaluations of a gate a strip shows: two days and a half of an hourly one. */
const STRIP_LENGTH = 60;

interface StripRow extends PromiseMoment {
  readonly promiseId: number;
}

/**
 * Reads the last evaluations of the gates that ask some promises, as each promise took them, oldest first. A gate that
 * could not be checked as a whole asked none: in every promise it has then, it is errored.
 */
export async function readStrips(
  { database }: Site,
  promises: readonly PromiseSummary[],
): Promise<ReadonlyMap<number, readonly PromiseMoment[]>> {
  const { rows } = await sql<StripRow>`
    with asked as (
      select p.promise_id, p.model, p.gate, p.suite from control.promise as p
      where p.promise_id = any (${promises.map(({ promiseId }) => promiseId)}::int[])
    ), run as (
      select gates.*, last.* from (select distinct model, gate, suite from asked) as gates
      cross join lateral (
        select g.evaluation_id, g.verdict_id, g.evaluated_at, g.outcome = 'error' as unchecked
        from control.gate_run as g
        where g.model = gates.model and g.gate = gates.gate and g.suite = gates.suite
        order by g.evaluation_id desc limit ${STRIP_LENGTH}
      ) as last
    )
    select asked.promise_id as "promiseId", run.evaluation_id as "evaluationId", run.verdict_id as "verdictId",
      run.evaluated_at as at, coalesce(r.outcome, 'errored') as outcome, r.severity, r.unexpected, r.elements, r.observed,
      r.lower, r.upper
    from run
    join asked using (model, gate, suite)
    left join lateral (
      select * from control.promise_result as own
      where own.promise_id = asked.promise_id and own.evaluation_id = run.evaluation_id
    ) as r on true
    where r.promise_id is not null or run.unchecked
    order by run.evaluation_id`.execute(database);
  const strips = new Map<number, PromiseMoment[]>(promises.map(({ promiseId }) => [promiseId, []]));
  const lives = new Map(promises.map((promise) => [promise.promiseId, promise]));
  for (const { promiseId, ...moment } of rows)
    if (isInLife(lives.get(promiseId), moment)) strips.get(promiseId)?.push(moment);
  return strips;
}

/** A gate that could not be checked is nothing of a promise that had not been made yet, or is made no more. */
function isInLife(promise: PromiseSummary | undefined, { evaluationId }: PromiseMoment): boolean {
  if (promise === undefined) return false;
  return evaluationId >= promise.began && (promise.current || evaluationId <= promise.ended);
}
