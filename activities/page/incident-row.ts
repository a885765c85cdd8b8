import { sql } from 'kysely';
import type { Database, DatabaseTransaction } from '../databases.ts';
import type { RunRef } from '../run-ref.ts';

/** An incident as it is opened. */
export interface IncidentRow {
  readonly dedupKey: string;
  readonly kind: string;
  readonly model: string | null;
  readonly suite: string | null;
  readonly verdictId: string | null;
  readonly run: RunRef;
  readonly firstFailedAt: Date;
}

/** Opens a key's incident, or keeps it open with its beginning; locks its row until the transaction ends. */
export async function openIncident(transaction: DatabaseTransaction, row: IncidentRow): Promise<void> {
  const changed = { kind: row.kind, verdict_id: row.verdictId, workflow_id: row.run.workflowId };
  await transaction
    .insertInto('control.incident')
    .values({
      dedup_key: row.dedupKey,
      state: 'open',
      ...changed,
      model: row.model,
      suite: row.suite,
      first_failed_at: row.firstFailedAt,
      resolved_at: null,
    })
    .onConflict((conflict) =>
      conflict.column('dedup_key').doUpdateSet((update) => ({
        ...changed,
        state: 'open',
        opened_at: sql<Date>`case when incident.state = 'open' then incident.opened_at else excluded.opened_at end`,
        first_failed_at: sql<Date>`case when incident.state = 'open' then incident.first_failed_at else ${update.ref('excluded.first_failed_at')} end`,
        resolved_at: null,
      })),
    )
    .execute();
}

/** Whether a key's incident is open. */
export async function isIncidentOpen(db: Database, dedupKey: string): Promise<boolean> {
  const row = await db
    .selectFrom('control.incident')
    .select('state')
    .where('dedup_key', '=', dedupKey)
    .executeTakeFirst();
  return row?.state === 'open';
}

/**
 * Resolves a key's open incident after telling so, with its row locked.
 *
 * @returns whether one was open; nothing is told where none was.
 */
export async function resolveIncident(
  transaction: DatabaseTransaction,
  dedupKey: string,
  tell: () => Promise<void>,
): Promise<boolean> {
  const row = await transaction
    .selectFrom('control.incident')
    .select('state')
    .where('dedup_key', '=', dedupKey)
    .forUpdate()
    .executeTakeFirst();
  if (row?.state !== 'open') return false;
  await tell();
  await transaction
    .updateTable('control.incident')
    .set({ state: 'resolved', resolved_at: sql<Date>`pg_catalog.now()` })
    .where('dedup_key', '=', dedupKey)
    .execute();
  return true;
}
