import { sql } from 'kysely';
import type { Site } from '../site.ts';
import { stretchWidth } from './stretch-width.ts';

/** What was loaded of a model in a stretch of time. */
export interface LoadBucket {
  readonly from: Date;
  readonly to: Date;
  /** Loads that were opened in it: published, found empty, given up. */
  readonly published: number;
  readonly empty: number;
  readonly abandoned: number;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  readonly setAside: number;
  /** Seconds from a window's opening to its publish: half of them took no longer, and nine in ten. Null without a publish. */
  readonly median: number | null;
  readonly slow: number | null;
}

/** The loads of a model over time. */
export interface LoadHistory {
  /** At most about 80, oldest first; without stretches in which nothing was loaded. */
  readonly buckets: readonly LoadBucket[];
  /** Their length, seconds. */
  readonly widthSeconds: number;
}

/** As many loads of a model are looked at as a year of hours has: of a model of a minute those of a week. */
const MOST_LOADS = 9000;

/**
 * Reads what was loaded of a model in the last year, or since its first load: the stretches are as long as that asks for.
 * Reads one model's stretch of an index, at most {@link MOST_LOADS} rows of it.
 */
export async function readLoadHistory({ database, at }: Site, model: string): Promise<LoadHistory> {
  const { rows } = await sql<LoadBucket & { readonly width: number }>`
    with since as (
      select greatest(
        ${at}::timestamptz - interval '365 days',
        (select l.opened_at from control.load as l where l.model = ${model} and l.opened_at <= ${at}::timestamptz
          order by l.opened_at desc offset ${MOST_LOADS} limit 1),
        (select l.opened_at from control.load as l where l.model = ${model} order by l.opened_at limit 1)
      ) as at
    ),
    width as (${stretchWidth(sql`since`, at)})
    select date_bin(width.width, l.opened_at, 'epoch') as "from", date_bin(width.width, l.opened_at, 'epoch') + width.width as "to",
      extract(epoch from width.width)::float8 as width,
      count(*) filter (where l.state = 'published') as published, count(*) filter (where l.state = 'empty') as empty,
      count(*) filter (where l.state = 'abandoned') as abandoned,
      coalesce(sum(l.rows_inserted), 0)::float8 as inserted, coalesce(sum(l.rows_updated), 0)::float8 as updated,
      coalesce(sum(l.rows_deleted), 0)::float8 as deleted, coalesce(sum(l.rows_quarantined), 0)::float8 as "setAside",
      percentile_disc(0.5) within group (order by extract(epoch from l.published_at - l.opened_at)) filter (where l.state = 'published')::float8 as median,
      percentile_disc(0.9) within group (order by extract(epoch from l.published_at - l.opened_at)) filter (where l.state = 'published')::float8 as slow
    from since, width, control.load as l
    where l.model = ${model} and l.opened_at >= since.at and l.opened_at <= ${at}::timestamptz
    group by width.width, 1 order by 1`.execute(database);
  return { buckets: rows, widthSeconds: rows[0]?.width ?? 0 };
}
