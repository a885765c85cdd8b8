import { sql } from 'kysely';
import type { PublishedModel } from '../models/model.ts';
import type { Database } from './databases.ts';

/**
 * Has the partitions made that a candidate's rows need, in a transaction of its own: whoever reads the default partition
 * is then shut out for a moment and not for the length of a merge. One that is not used in the end does no harm.
 *
 * @param publisher may run `control.ensure_target_partitions`, and make no table itself.
 */
export async function ensureTargetPartitions(
  publisher: Database,
  { name, partitioning }: PublishedModel,
  candidate: string | null,
): Promise<void> {
  if (partitioning === null || candidate === null) return;
  const there = await sql<{ zoned: boolean }>`
    select t.zoned from control.partitioned_target as t
    where t.model = ${name} and to_regclass(format('candidate.%I', ${candidate}::text)) is not null`.execute(
    publisher,
  );
  const [target] = there.rows;
  if (target === undefined) return;
  const column = sql.ref(`c.${partitioning.column}`);
  const time = target.zoned ? sql`(${column} at time zone 'UTC')` : column;
  await sql`select control.ensure_target_partitions(${name}, array(
    select distinct date_trunc(${partitioning.by}, ${time}::timestamp)::date from ${sql.id('candidate', candidate)} as c
    where isfinite(${column})
  ))`.execute(publisher);
}
