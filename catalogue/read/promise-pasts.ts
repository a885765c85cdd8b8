import { sql } from 'kysely';
import type { Site } from '../site.ts';
import type { PromiseMoment } from './promise-history.ts';

/** Evaluations of a past, the one it leads up to included: two days and a half of an hourly gate. */
const PAST_LENGTH = 60;

/**
 * How promises did until one evaluation of their gate, by promise, oldest first: what a responder compares it with. A verdict
 * of last month has the past that it had then.
 */
export async function readPromisePasts(
  { database }: Site,
  promiseIds: readonly number[],
  evaluationId: number,
): Promise<ReadonlyMap<number, readonly PromiseMoment[]>> {
  const pasts = new Map<number, PromiseMoment[]>(promiseIds.map((id) => [id, []]));
  if (promiseIds.length === 0) return pasts;
  const { rows } = await sql<PromiseMoment & { readonly promiseId: number }>`
    select past.promise_id as "promiseId", past.evaluation_id as "evaluationId", run.verdict_id as "verdictId",
      past.evaluated_at as at, past.outcome, past.severity, past.unexpected, past.elements, past.observed, past.lower,
      past.upper
    from unnest(${[...promiseIds]}::int[]) as asked (promise_id)
    cross join lateral (
      select * from control.promise_result as r
      where r.promise_id = asked.promise_id and r.evaluation_id <= ${evaluationId}
      order by r.evaluation_id desc limit ${PAST_LENGTH}
    ) as past
    join control.gate_run as run on run.evaluation_id = past.evaluation_id
    order by past.promise_id, past.evaluation_id`.execute(database);
  for (const { promiseId, ...moment } of rows) pasts.get(promiseId)?.push(moment);
  return pasts;
}
