import { sql } from 'kysely';
import { ensurePartitions } from '../bronze-partitions.ts';
import type { Database } from '../databases.ts';
import { counted } from './chore.ts';
import type { Chore } from './chore.ts';

/** A week without housekeeping is bridged; a landing makes its own day after that. */
const DAYS_AHEAD = 7;

/** Makes the next days' partitions of every partitioned source. */
export const makePartitions: Chore = async ({ databases: { loader }, dryRun, signal }) => {
  const [done, left]: [string[], string[]] = [[], []];
  for (const { source, missing } of await findMissing(loader)) {
    signal.throwIfAborted();
    if (missing === 0) continue;
    if (dryRun) {
      done.push(`bronze.${source}: would make ${counted(missing, 'partition')}`);
      continue;
    }
    const { made, busy, inDefault } = await ensurePartitions(loader, source, DAYS_AHEAD);
    if (made > 0) done.push(`bronze.${source}: made ${counted(made, 'partition')}`);
    if (busy > 0)
      left.push(
        `bronze.${source}: ${counted(busy, 'partition')} not made, its default partition is being read`,
      );
    if (inDefault > 0)
      left.push(
        `bronze.${source}: ${counted(inDefault, 'day')} stays in its default partition, rows of it are there`,
      );
  }
  return { done, left, warnings: [] };
};

async function findMissing(
  loader: Database,
): Promise<readonly { readonly source: string; readonly missing: number }[]> {
  const { rows } = await sql<{ source: string; missing: number }>`
    select s.source, count(*) filter (where not exists (
      select from control.bronze_partition as p
      where p.source = s.source and p.to_day > d.day and coalesce(p.from_day, '-infinity') <= d.day
    )) as missing
    from control.partitioned_source as s
    cross join lateral (
      select control.utc_day() + n as day from generate_series(0, ${DAYS_AHEAD}::int) as n
    ) as d
    group by s.source order by s.source`.execute(loader);
  return rows;
}
