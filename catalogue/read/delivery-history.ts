import { sql } from 'kysely';
import type { Site } from '../site.ts';
import type { LoadHistory } from './load-history.ts';
import { stretchWidth } from './stretch-width.ts';

/** As many deliveries of a source are looked at as a year of hours has. */
const MOST_DELIVERIES = 9000;

interface Row {
  readonly from: Date;
  readonly to: Date;
  readonly files: number;
  readonly landed: number;
  readonly rejected: number;
  readonly width: number;
}

/**
 * Reads what files brought to a source in the last year, or since the first one, as a history of loads: what landed is
 * inserted, what was rejected is set aside. Reads one source's stretch of an index.
 */
export async function readDeliveryHistory({ database, at }: Site, source: string): Promise<LoadHistory> {
  const { rows } = await sql<Row>`
    with since as (
      select greatest(
        ${at}::timestamptz - interval '365 days',
        (select n.landed_at from control.landing as n where n.source = ${source} and n.landed_at <= ${at}::timestamptz
          order by n.landed_at desc offset ${MOST_DELIVERIES} limit 1),
        (select n.landed_at from control.landing as n where n.source = ${source} order by n.landed_at limit 1)
      ) as at
    ),
    width as (${stretchWidth(sql`since`, at)})
    select date_bin(width.width, n.landed_at, 'epoch') as "from", date_bin(width.width, n.landed_at, 'epoch') + width.width as "to",
      extract(epoch from width.width)::float8 as width, count(*) as files, sum(n.rows_landed)::float8 as landed,
      sum(n.rows_rejected)::float8 as rejected
    from since, width, control.landing as n
    where n.source = ${source} and n.landed_at >= since.at and n.landed_at <= ${at}::timestamptz
    group by width.width, 1 order by 1`.execute(database);
  const none = { empty: 0, abandoned: 0, updated: 0, deleted: 0, median: null, slow: null };
  return {
    widthSeconds: rows[0]?.width ?? 0,
    buckets: rows.map(({ from, to, files, landed, rejected }) => ({
      ...none,
      ...{ from, to, published: files, inserted: landed, setAside: rejected },
    })),
  };
}
