import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Site } from '../../site.ts';
import type { Bucket, PromiseHistory } from '../promise-history.ts';
import type { GatePromises } from './known-promises.ts';

/** Most points of a line: more than a chart on a phone has pixels for. */
const MOST_BUCKETS = 120;

/** Most results that are read one by one, some ten milliseconds; of more, spans of six hours are put together. */
const MOST_RESULTS = 20_000;

/** Hours that a row of `control.promise_span` is about. */
export const SPAN_HOURS = 6;

const MILLISECONDS_AN_HOUR = 3_600_000;

/** How a promise did over a time. */
export type Numbers = Pick<PromiseHistory, 'series' | 'evaluations' | 'broken'>;

interface ResultRow extends Omit<Bucket, 'from' | 'to'> {
  readonly promiseId: number;
  /** Its place, from 0. */
  readonly bucket: number;
}

/** Of spans; the numbers are null where the promise had none. */
interface SpanRow extends Omit<ResultRow, 'low' | 'high' | 'last'> {
  readonly low: number | null;
  readonly high: number | null;
  readonly last: number | null;
  readonly broken: number;
  readonly firstId: number;
}

/** How a time is cut: where it begins, and hours a bucket. */
interface Cut {
  readonly since: Date;
  readonly hours: number;
}

/**
 * Reads how a gate's promises did since a time: how often they were asked and broken, and their numbers in at most 120
 * buckets, without those that have none. Spans of six hours say the former in some rows a promise and day, however often
 * it is asked; where that was not too often, single results say the latter more finely.
 */
export async function readNumbers(
  { database, at }: Site,
  { promises }: GatePromises,
  since: Date,
): Promise<ReadonlyMap<number, Numbers>> {
  const ids = promises.map(({ promiseId }) => promiseId);
  const hours = (at.getTime() - since.getTime()) / MILLISECONDS_AN_HOUR / MOST_BUCKETS;
  const coarse = { since, hours: Math.ceil(hours / SPAN_HOURS) * SPAN_HOURS };
  const spans = await fromSpans(ids, coarse).execute(database);
  const results = spans.rows.reduce((total, { evaluations }) => total + evaluations, 0);
  const cut = results > MOST_RESULTS ? coarse : { since, hours };
  const firstId = Math.min(...spans.rows.map((span) => span.firstId), Number.MAX_SAFE_INTEGER);
  const buckets = results > MOST_RESULTS ? spans : await fromResults(ids, firstId, cut).execute(database);
  const numbers = new Map(ids.map((id) => [id, { series: new Array<Bucket>(), evaluations: 0, broken: 0 }]));
  for (const { promiseId, evaluations, broken } of spans.rows) {
    const own = numbers.get(promiseId);
    if (own !== undefined)
      Object.assign(own, { evaluations: own.evaluations + evaluations, broken: own.broken + broken });
  }
  for (const row of buckets.rows) numbers.get(row.promiseId)?.series.push(...bucketOf(row, cut));
  return numbers;
}

function bucketOf(row: SpanRow | ResultRow, { since, hours }: Cut): readonly Bucket[] {
  const { low, high, last, lower, upper, worst, evaluations } = row;
  if (low === null || high === null || last === null) return [];
  const from = since.getTime() + row.bucket * hours * MILLISECONDS_AN_HOUR;
  const to = from + hours * MILLISECONDS_AN_HOUR;
  return [{ from: new Date(from), to: new Date(to), low, high, last, lower, upper, worst, evaluations }];
}

/** The bucket of a time. */
function placeOf(time: RawBuilder<unknown>, { since, hours }: Cut): RawBuilder<unknown> {
  const place = sql`floor(extract(epoch from ${time} - ${since}::timestamptz)::float8 / ${hours * 3600}::float8)`;
  return sql`least(greatest(${place}, 0), ${MOST_BUCKETS - 1}::int)::int`;
}

/** Asked for by number, so that each page of the table is read once for all of them. */
function fromResults(ids: readonly number[], firstId: number, cut: Cut): RawBuilder<ResultRow> {
  return sql<ResultRow>`
    with valued as (
      select promise_id, ${placeOf(sql`evaluated_at`, cut)} as bucket, evaluation_id, outcome, lower, upper,
        coalesce(observed, (elements - unexpected) / nullif(elements, 0)::float8) as value
      from control.promise_result
      where promise_id = any (${[...ids]}::int[]) and evaluation_id >= ${firstId}::bigint
    ), bucketed as (
      select promise_id, bucket, min(value) as low, max(value) as high, max(outcome) as worst, count(*) as evaluations,
        max(evaluation_id) filter (where value is not null) as last_id
      from valued group by promise_id, bucket
    )
    select b.promise_id as "promiseId", b.bucket, b.low, b.high, v.value as last, v.lower, v.upper, b.worst, b.evaluations
    from bucketed as b
    join valued as v on v.promise_id = b.promise_id and v.evaluation_id = b.last_id
    order by b.promise_id, b.bucket`;
}

function fromSpans(ids: readonly number[], cut: Cut): RawBuilder<SpanRow> {
  return sql<SpanRow>`
    with span as (
      select *, ${placeOf(sql`from_at`, cut)} as bucket from control.promise_span
      where promise_id = any (${[...ids]}::int[]) and from_at >= ${cut.since}
    ), bucketed as (
      select promise_id, bucket, min(low) as low, max(high) as high, max(worst) as worst, min(first_id) as first_id,
        sum(evaluations)::bigint as evaluations, sum(broken)::bigint as broken, max(last_id) as last_id
      from span group by promise_id, bucket
    )
    select b.promise_id as "promiseId", b.bucket, b.low, b.high, s.last, s.lower, s.upper, b.worst, b.evaluations,
      b.broken, b.first_id as "firstId"
    from bucketed as b
    left join span as s on s.promise_id = b.promise_id and s.last_id = b.last_id
    order by b.promise_id, b.bucket`;
}
