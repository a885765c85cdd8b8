import { sql } from 'kysely';
import type { DatabaseTransaction } from '../databases.ts';
import { answersFor } from './answers-for.ts';

/** For longer than an activity that tells of a failure is tried again, by far. */
const KEPT = '3 days';

/**
 * Notes that the failures of an incident that a load answers for are good again. Drops what was noted so days ago.
 *
 * @param verdictId of the gate that let the load through; null, or one that no load is known of: all of them.
 * @returns how many failures are still not answered for.
 */
export async function clearFailures(
  transaction: DatabaseTransaction,
  dedupKey: string,
  verdictId: string | null,
): Promise<number> {
  await sql`
    delete from control.incident_failure
    where dedup_key = ${dedupKey} and cleared_at < pg_catalog.now() - ${KEPT}::interval`.execute(transaction);
  await sql`
    with passed as materialized (
      select load.*
      from control.gate_run as run join control.load as load on load.load_id = run.load_id
      where run.verdict_id = ${verdictId}::uuid
      order by run.evaluation_id desc limit 1
    )
    update control.incident_failure as failure set cleared_at = pg_catalog.now()
    where failure.dedup_key = ${dedupKey} and failure.cleared_at is null
      and (not exists (select from passed) or exists (
        select from passed left join control.load as failed on failed.load_id = failure.load_id
        where ${answersFor}))`.execute(transaction);
  const left = await transaction
    .selectFrom('control.incident_failure')
    .select((select) => select.fn.countAll<number>().as('n'))
    .where('dedup_key', '=', dedupKey)
    .where('cleared_at', 'is', null)
    .executeTakeFirstOrThrow();
  return left.n;
}
