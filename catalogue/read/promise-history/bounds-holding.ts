import { sql } from 'kysely';
import type { Site } from '../../site.ts';
import type { BoundsHolding } from '../promise-history.ts';

/** Most evaluations of a promise that are looked at, the latest: a quarter of a year of an hourly gate. */
const MOST_EVALUATIONS = 2_500;

/**
 * Where bounds of some promises would have had to be. A share of what was observed lies on the right side of a
 * percentile that occurs in it, so no value is made up between two.
 *
 * @see https://www.postgresql.org/docs/18/functions-aggregate.html#FUNCTIONS-ORDEREDSET-TABLE
 */
export async function readBounds(
  { database }: Site,
  promiseIds: readonly number[],
  share: number,
  since: Date,
): Promise<ReadonlyMap<number, BoundsHolding>> {
  const { rows } = await sql<BoundsHolding>`
    select p.promise_id as "promiseId", p.unit, past.evaluations,
      case when past.has_lower then past.least end as lower, case when past.has_upper then past.most end as upper
    from control.promise as p
    cross join lateral (
      select min(s.first_id) as first_id from control.promise_span as s
      where s.promise_id = p.promise_id and s.from_at >= ${since}
    ) as since
    cross join lateral (
      select count(value) as evaluations,
        percentile_disc(1 - ${share}::float8) within group (order by value) as least,
        percentile_disc(${share}::float8) within group (order by value) as most,
        (array_agg(lower is not null order by evaluation_id desc) filter (where value is not null))[1] as has_lower,
        (array_agg(upper is not null order by evaluation_id desc) filter (where value is not null))[1] as has_upper
      from (
        select r.evaluation_id, r.lower, r.upper,
          coalesce(r.observed, 1 - r.unexpected / nullif(r.elements, 0)::float8) as value
        from control.promise_result as r
        where r.promise_id = p.promise_id and r.evaluation_id >= since.first_id and r.evaluated_at >= ${since}
        order by r.evaluation_id desc limit ${MOST_EVALUATIONS}
      ) as valued
    ) as past
    where p.promise_id = any (${[...promiseIds]}::int[]) and p.unit is not null and past.evaluations > 0`.execute(
    database,
  );
  return new Map(rows.map((row) => [row.promiseId, row]));
}
