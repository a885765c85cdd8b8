import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Site } from '../../site.ts';
import type { Bucket } from '../promise-history.ts';
import type { GatePromises, PromiseSummary } from './summaries.ts';

/** Most points of a line: more than a chart on a phone has pixels for. */
const MOST_BUCKETS = 120;

/** Most results that are read one by one, some ten milliseconds; of more, spans of six hours are put together. */
const MOST_RESULTS = 20_000;

/** Hours that a row of `control.promise_span` is about. */
export const SPAN_HOURS = 6;

const MILLISECONDS_AN_HOUR = 3_600_000;

interface BucketRow extends Omit<Bucket, 'from' | 'to'> {
  readonly promiseId: number;
  /** Its place, from 0. */
  readonly bucket: number;
}

/** How a time is cut: where it begins, and hours a bucket. */
interface Cut {
  readonly since: Date;
  readonly hours: number;
}

/** Reads the numbers of a gate's promises since a time, in at most 120 buckets; none where there was no number. */
export async function readSeries(
  { database, at }: Site,
  { promises }: GatePromises,
  since: Date,
): Promise<ReadonlyMap<number, readonly Bucket[]>> {
  const results = promises.reduce((total, { evaluations }) => total + evaluations, 0);
  const hours = (at.getTime() - since.getTime()) / MILLISECONDS_AN_HOUR / MOST_BUCKETS;
  const cut = { since, hours: results > MOST_RESULTS ? Math.ceil(hours / SPAN_HOURS) * SPAN_HOURS : hours };
  const buckets = results > MOST_RESULTS ? fromSpans(promises, cut) : fromResults(promises, cut);
  const { rows } = await buckets.execute(database);
  const series = new Map<number, Bucket[]>(promises.map(({ promiseId }) => [promiseId, []]));
  for (const { promiseId, bucket, ...numbers } of rows) {
    const from = since.getTime() + bucket * cut.hours * MILLISECONDS_AN_HOUR;
    const to = from + cut.hours * MILLISECONDS_AN_HOUR;
    series.get(promiseId)?.push({ from: new Date(from), to: new Date(to), ...numbers });
  }
  return series;
}

/** The bucket of a time. */
function bucketOf(time: RawBuilder<unknown>, { since, hours }: Cut): RawBuilder<unknown> {
  const place = sql`floor(extract(epoch from ${time} - ${since}::timestamptz) / ${hours * 3600}::float8)`;
  return sql`least(greatest(${place}, 0), ${MOST_BUCKETS - 1}::int)::int`;
}

function fromResults(promises: readonly PromiseSummary[], cut: Cut): RawBuilder<BucketRow> {
  const ids = promises.map(({ promiseId }) => promiseId);
  const first = Math.min(...promises.flatMap(({ firstId }) => firstId ?? []), Number.MAX_SAFE_INTEGER);
  return sql<BucketRow>`
    with valued as (
      select r.promise_id, ${bucketOf(sql`r.evaluated_at`, cut)} as bucket, r.evaluation_id, r.outcome, r.lower, r.upper,
        coalesce(r.observed, 1 - r.unexpected / nullif(r.elements, 0)::float8) as value
      from control.promise_result as r
      where r.promise_id = any (${ids}::int[]) and r.evaluation_id >= ${first}::bigint
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

function fromSpans(promises: readonly PromiseSummary[], cut: Cut): RawBuilder<BucketRow> {
  return sql<BucketRow>`
    with span as (
      select s.*, ${bucketOf(sql`s.from_at`, cut)} as bucket from control.promise_span as s
      where s.promise_id = any (${promises.map(({ promiseId }) => promiseId)}::int[]) and s.from_at >= ${cut.since}
    ), bucketed as (
      select promise_id, bucket, min(low) as low, max(high) as high, max(worst) as worst,
        sum(evaluations)::bigint as evaluations, max(last_id) as last_id
      from span group by promise_id, bucket
    )
    select b.promise_id as "promiseId", b.bucket, b.low, b.high, s.last, s.lower, s.upper, b.worst, b.evaluations
    from bucketed as b
    join span as s on s.promise_id = b.promise_id and s.last_id = b.last_id
    order by b.promise_id, b.bucket`;
}
