import { sql } from 'kysely';
import type { Database } from './databases.ts';

/** What was done about the partitions of a source's next days. */
export interface MadePartitions {
  readonly made: number;
  /** Somebody read the default partition for so long that it was left for the next time. */
  readonly busy: number;
  /** Rows of the day are in the default partition already, and stay there. */
  readonly inDefault: number;
}

/**
 * Makes the partitions of a source from today on where they are missing; of a source that is not partitioned none. Where
 * one cannot be made, rows of its day land in the default partition.
 *
 * @param loader may run `control.ensure_bronze_partitions`, and make no table itself.
 * @param daysAhead of today, UTC; 0 to 31.
 */
export async function ensurePartitions(
  loader: Database,
  source: string,
  daysAhead: number,
): Promise<MadePartitions> {
  const { rows } = await sql<{ made: number; busy: number; in_default: number }>`
    select e.made, e.busy, e.in_default from control.partitioned_source as p
    cross join lateral control.ensure_bronze_partitions(p.source, ${daysAhead}::int) as e
    where p.source = ${source}`.execute(loader);
  const { made = 0, busy = 0, in_default: inDefault = 0 } = rows[0] ?? {};
  return { made, busy, inDefault };
}
