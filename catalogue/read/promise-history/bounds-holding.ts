import { sql } from 'kysely';
import type { Site } from '../../site.ts';
import type { BoundsHolding } from '../promise-history.ts';

/** Most evaluations of a gate that are looked at, the latest: a quarter of a year of an hourly one. */
const MOST_EVALUATIONS = 2_500;

/** Promises of one gate, and the first evaluation that counts. */
interface Looked {
  readonly ids: readonly number[];
  readonly firstId: number;
}

/**
 * Where bounds of some promises would have had to be. A share of what was observed lies on the right side of a
 * percentile that occurs in it, so no value is made up between two.
 *
 * @see https://www.postgresql.org/docs/18/functions-aggregate.html#FUNCTIONS-ORDEREDSET-TABLE
 */
export async function readBounds(
  site: Site,
  promiseIds: readonly number[],
  share: number,
  since: Date,
): Promise<ReadonlyMap<number, BoundsHolding>> {
  const gates = await readLooked(site, promiseIds, since);
  const found = await Promise.all(gates.map((gate) => readGate(site, gate, share)));
  return new Map(found.flat().map((one) => [one.promiseId, one]));
}

/** By gate, as its promises are asked together and their results lie beside each other. */
async function readLooked(
  { database }: Site,
  promiseIds: readonly number[],
  since: Date,
): Promise<readonly Looked[]> {
  const { rows } = await sql<Looked>`
    select asked.ids, greatest(since.first_id, coalesce(latest.first_id, 0)) as "firstId"
    from (
      select p.model, p.gate, array_agg(p.promise_id) as ids from control.promise as p
      where p.promise_id = any (${[...promiseIds]}::int[]) and p.unit is not null
      group by p.model, p.gate
    ) as asked
    cross join lateral (
      select min(s.first_id) as first_id from control.promise_span as s
      where s.promise_id = any (asked.ids) and s.from_at >= ${since}
    ) as since
    left join lateral (
      select g.evaluation_id as first_id from control.gate_run as g
      where g.model = asked.model and g.gate = asked.gate
      order by g.evaluation_id desc offset ${MOST_EVALUATIONS - 1} limit 1
    ) as latest on true
    where since.first_id is not null`.execute(database);
  return rows;
}

async function readGate(
  { database }: Site,
  { ids, firstId }: Looked,
  share: number,
): Promise<readonly BoundsHolding[]> {
  const { rows } = await sql<BoundsHolding>`
    with past as materialized (
      select promise_id, count(*) as evaluations, max(evaluation_id) as last_id,
        percentile_disc(array[1 - ${share}::float8, ${share}::float8]) within group (order by value) as bounds
      from (
        select promise_id, evaluation_id,
          coalesce(observed, (elements - unexpected) / nullif(elements, 0)::float8) as value
        from control.promise_result
        where promise_id = any (${[...ids]}::int[]) and evaluation_id >= ${firstId}::bigint
      ) as valued
      where value is not null group by promise_id
    )
    select past.promise_id as "promiseId", p.unit, past.evaluations,
      case when last.lower is not null then past.bounds[1] end as lower,
      case when last.upper is not null then past.bounds[2] end as upper
    from past
    cross join lateral (
      select r.lower, r.upper from control.promise_result as r
      where r.promise_id = past.promise_id and r.evaluation_id = past.last_id
    ) as last
    join control.promise as p on p.promise_id = past.promise_id`.execute(database);
  return rows;
}
