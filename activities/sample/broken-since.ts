import { sql } from 'kysely';
import type { Database } from '../databases.ts';

/**
 * Since when models have been too old without a break, by name; those that are not now are left out.
 *
 * @param until the minute to look at.
 */
export async function readBrokenSince(
  db: Database,
  models: readonly string[],
  until: Date,
): Promise<ReadonlyMap<string, Date>> {
  const { rows } = await sql<{ readonly model: string; readonly since: Date }>`
    select m.model, broken.since
    from unnest(${[...models]}::text[]) as m (model)
    cross join lateral (
      select min(s.sampled_at) as since from control.freshness_sample as s
      where s.model = m.model and not s.is_good and s.sampled_at <= ${until}::timestamptz and s.sampled_at > coalesce(
        (select g.sampled_at from control.freshness_sample as g
         where g.model = m.model and g.is_good and g.sampled_at <= ${until}::timestamptz order by g.sampled_at desc limit 1),
        '-infinity')
    ) as broken
    where broken.since is not null`.execute(db);
  return new Map(rows.map(({ model, since }) => [model, since]));
}
