import { sql } from 'kysely';
import { isPublished } from '../../models/model.ts';
import type { Site } from '../site.ts';
import { MOST_COUNTED } from './set-aside.ts';

/** What waits in quarantine of one model or source. */
export interface WaitingQuarantine {
  readonly name: string;
  /** `records` never became rows; `rows` were set aside by a gate. */
  readonly what: 'records' | 'rows';
  /** Not counted further than `MOST_COUNTED`. */
  readonly waiting: number;
  readonly oldest: Date;
  /** When the first of them will be gone. */
  readonly expiresAt: Date;
}

/** Counts what waits, and not what it is; the most first. */
export async function readWaitingQuarantine(site: Site): Promise<readonly WaitingQuarantine[]> {
  const { models } = site.repository.graph;
  const at = sql`${site.at}::timestamptz`;
  const most = sql`${MOST_COUNTED}::int`;
  const published = models.filter(isPublished).map(({ name }) => name);
  const { rows } = await sql<WaitingQuarantine>`
    with waiting as (
      select asked.name, 'records' as what, kept.* from
        unnest(${models.map(({ name }) => name)}::text[], ${models.map(({ relation }) => relation)}::text[])
          as asked (name, relation)
      cross join lateral (
        select q.quarantined_at, q.expires_at from control.quarantine as q
        where q.relation = asked.relation and q.state = 'waiting' and q.expires_at > ${at} limit ${most}
      ) as kept
      union all
      select asked.name, 'rows', kept.* from unnest(${published}::text[]) as asked (name)
      cross join lateral (
        select b.quarantined_at, b.expires_at from control.batch_quarantine as b
        where b.model = asked.name and b.state = 'waiting' and b.expires_at > ${at} limit ${most}
      ) as kept
    )
    select name, what, count(*) as waiting, min(quarantined_at) as oldest, min(expires_at) as "expiresAt"
    from waiting group by name, what order by waiting desc, name`.execute(site.database);
  return rows;
}
