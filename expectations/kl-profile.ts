import { sql } from 'kysely';
import { numeric } from './column-aggregate.ts';
import type { Measured } from './define-expectation.ts';
import { isList, isObject } from './json.ts';
import type { Column, Scan, Sql } from './scan.ts';

/** Bins of equal width over all values of a column, and the share of each. */
export interface Profile {
  readonly bins: readonly number[];
  readonly weights: readonly number[];
}

/**
 * Counts the values of a column in bins of equal width, as many as the rules of Sturges and of Freedman and
 * Diaconis say, whichever says more; by Sturges' alone where the middle half of the values is one value. A query beside the scan.
 *
 * @see https://numpy.org/doc/stable/reference/generated/numpy.histogram_bin_edges.html for both rules
 */
export function countProfile(scan: Scan, column: Column): Sql {
  const value = sql`${numeric(column).sql}::double precision`;
  const present = sql`select ${value} as v from ${scan.batch} where ${scan.where(sql`${column.sql} is not null`)}`;
  const width = sql`2 * (upper - lower) / cbrt(n)`;
  const sturges = sql`ceil(log(2, n + 1))`;
  const rule = sql`case when upper - lower < 1e-10 then ${sturges} else greatest(${sturges}, ceil((hi - lo) / (${width}))) end`;
  const bucket = sql`case when lo = hi then 1 else least(width_bucket(v, lo, hi, bins), bins) end`;
  return sql`(with present as materialized (${present}), figures as (
    select min(v) as lo, max(v) as hi, count(*)::numeric as n,
      percentile_disc(0.25) within group (order by v) as lower,
      percentile_disc(0.75) within group (order by v) as upper
    from present
  ), sized as (
    select lo, hi, case when lo = hi then 1 else greatest(${rule}, 1)::integer end as bins from figures where n > 0
  ), counted as (
    select ${bucket} as bin, count(*) as n from present cross join sized group by 1
  )
  select jsonb_build_object('lo', lo, 'hi', hi, 'bins', bins, 'counts', (select jsonb_object_agg(bin, n) from counted))
  from sized)`;
}

/** Reads what {@link countProfile} measured; null where there is no value. */
export function profileOf(measured: Measured, present: number): Profile | null {
  const found = measured['counts'];
  if (isList(found) || !isObject(found) || !isObject(found['counts'])) return null;
  const { lo, hi, bins: count, counts } = found;
  const size = Number(count);
  const step = (Number(hi) - Number(lo)) / size;
  return {
    bins: Array.from({ length: size + 1 }, (_, place) =>
      place === size ? Number(hi) : Number(lo) + place * step,
    ),
    weights: Array.from({ length: size }, (_, place) => Number(counts[String(place + 1)] ?? 0) / present),
  };
}
