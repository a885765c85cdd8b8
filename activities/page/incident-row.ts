import { sql, type Selectable } from 'kysely';
import { isObject } from '../../expectations/json.ts';
import type { Tier } from '../../models/model.ts';
import type { Database, DatabaseTransaction } from '../databases.ts';
import type { PageEvent } from '../notifiers/notifier.ts';
import type { RunRef } from '../run-ref.ts';
import type { IncidentTable } from '../tables/gates.ts';
import type { Open, Severity, Umbrella } from './fold.ts';

/** An incident as its row has it. */
export type Incident = Omit<Selectable<IncidentTable>, 'told'> & {
  readonly told: PageEvent | null;
};

/** An incident that was added to another, as the page of that one tells of it. */
export type Member = Pick<
  Selectable<IncidentTable>,
  | 'dedup_key'
  | 'state'
  | 'kind'
  | 'relation'
  | 'shares'
  | 'severity'
  | 'owner'
  | 'failures'
  | 'first_failed_at'
  | 'resolved_at'
  | 'last_verdict_id'
  | 'summary'
> & {
  /** Its run in the Temporal UI. */
  readonly run: string | null;
};

/** A failure as it is written down. */
export interface Failed {
  readonly dedupKey: string;
  /** Same occasion, same text: what is told twice counts once. */
  readonly occasion: string;
  readonly kind: string;
  readonly model: string | null;
  readonly suite: string | null;
  readonly pipeline: string | null;
  readonly verdictId: string | null;
  readonly loadId: number | null;
  readonly run: RunRef | null;
  readonly firstFailedAt: Date;
  readonly relation: string | null;
  readonly reads: readonly string[];
  readonly owner: string | null;
  readonly tier: Tier | null;
  readonly severity: Severity;
  readonly scope: object | null;
  /** The event that speaks of it alone. */
  readonly event: PageEvent;
}

/** The incident of a key, its row locked until the transaction ends. */
export async function lockIncident(
  transaction: DatabaseTransaction,
  dedupKey: string,
): Promise<Incident | null> {
  const row = await transaction
    .selectFrom('control.incident')
    .selectAll()
    .where('dedup_key', '=', dedupKey)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? null : withEvent(row);
}

/** All that were added to an incident since it was opened, in the order in which they were. */
export async function membersOf(db: Database, head: Incident): Promise<readonly Member[]> {
  return await db
    .selectFrom('control.incident')
    .select(['dedup_key', 'state', 'kind', 'relation', 'shares', 'severity', 'owner', 'failures'])
    .select(['first_failed_at', 'resolved_at', 'last_verdict_id', 'summary'])
    .select(sql<string | null>`told ->> 'clientUrl'`.as('run'))
    .where('member_of', '=', head.dedup_key)
    .where('opened_at', '>=', head.opened_at)
    .orderBy('opened_at')
    .orderBy('dedup_key')
    .execute();
}

/** What is open of an environment, as folding sees it. */
export async function openIncidents(db: Database, environment: string): Promise<readonly Open[]> {
  const rows = await db
    .selectFrom('control.incident')
    .select(['dedup_key', 'relation', 'reads', 'severity', 'opened_at', 'member_of'])
    .where('state', '=', 'open')
    .where(sql<boolean>`starts_with(dedup_key, ${`weir/${environment}/`})`)
    .execute();
  return rows.map(({ dedup_key, opened_at, member_of, ...row }) => ({
    ...row,
    dedupKey: dedup_key,
    openedAt: opened_at,
    memberOf: member_of,
  }));
}

/** Whether a failure has been written down before: an activity that is tried again adds nothing. */
export async function isKnown(db: Database, { dedupKey, occasion }: Failed): Promise<boolean> {
  const row = await db
    .selectFrom('control.incident_failure')
    .select('dedup_key')
    .where('dedup_key', '=', dedupKey)
    .where('occasion', '=', occasion)
    .executeTakeFirst();
  return row !== undefined;
}

/** Opens the incident of a key that has none, by itself or as a member of another's. */
export async function openIncident(
  transaction: DatabaseTransaction,
  failed: Failed,
  now: Date,
  umbrella: Umbrella | null,
): Promise<Incident> {
  const { run } = failed;
  const opened = {
    ...{ kind: failed.kind, model: failed.model, suite: failed.suite, pipeline: failed.pipeline },
    ...{ verdict_id: failed.verdictId, workflow_id: run?.workflowId ?? '', run_id: run?.runId ?? null },
    ...{ opened_at: now, first_failed_at: failed.firstFailedAt, resolved_at: null, good_at: null },
    ...{ member_of: umbrella?.dedupKey ?? null, shares: umbrella?.shares ?? null, failures: 1 },
    ...{ scope: failed.scope === null ? null : JSON.stringify(failed.scope) },
    ...lastOf(failed, now, failed.severity),
  };
  const row = await transaction
    .insertInto('control.incident')
    .values({ dedup_key: failed.dedupKey, state: 'open', ...opened })
    .onConflict((conflict) =>
      conflict
        .column('dedup_key')
        .doUpdateSet({ ...opened, state: 'open', opening: sql<number>`incident.opening + 1` }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
  await noteFailure(transaction, failed, now);
  return withEvent(row);
}

/** Counts a failure of an incident that is open. */
export async function countFailure(
  transaction: DatabaseTransaction,
  failed: Failed,
  now: Date,
  severity: Severity,
): Promise<Incident> {
  const row = await transaction
    .updateTable('control.incident')
    .set({
      ...lastOf(failed, now, severity),
      failures: sql<number>`failures + 1`,
      good_at: null,
      // A row of an earlier version knows none.
      verdict_id: sql<string | null>`coalesce(verdict_id, ${failed.verdictId}::uuid)`,
    })
    .where('dedup_key', '=', failed.dedupKey)
    .returningAll()
    .executeTakeFirstOrThrow();
  await noteFailure(transaction, failed, now);
  return withEvent(row);
}

function lastOf(
  { verdictId, run, owner, tier, relation, reads, event }: Failed,
  now: Date,
  severity: Severity,
) {
  return {
    ...{ last_failed_at: now, last_verdict_id: verdictId },
    ...{ last_workflow_id: run?.workflowId ?? null, last_run_id: run?.runId ?? null },
    ...{ severity, owner, tier, relation, reads: [...reads] },
    ...{ summary: event.summary, told: JSON.stringify(event) },
  };
}

async function noteFailure(
  transaction: DatabaseTransaction,
  { dedupKey, occasion, loadId }: Failed,
  now: Date,
): Promise<void> {
  await transaction
    .insertInto('control.incident_failure')
    .values({ dedup_key: dedupKey, occasion, load_id: loadId, failed_at: now })
    .onConflict((known) =>
      known.columns(['dedup_key', 'occasion']).doUpdateSet({ failed_at: now, cleared_at: null }),
    )
    .execute();
}

/** What the owner of a row says about it. */
export async function setIncident(
  transaction: DatabaseTransaction,
  dedupKey: string,
  set: {
    readonly state: 'open' | 'resolved';
    readonly good_at: Date | null;
    readonly resolved_at: Date | null;
  },
): Promise<void> {
  await transaction.updateTable('control.incident').set(set).where('dedup_key', '=', dedupKey).execute();
}

/** Whether a key's incident is open. */
export async function isIncidentOpen(db: Database, dedupKey: string): Promise<boolean> {
  const row = await db
    .selectFrom('control.incident')
    .select(['state', 'good_at'])
    .where('dedup_key', '=', dedupKey)
    .executeTakeFirst();
  return row?.state === 'open' && row.good_at === null;
}

function withEvent(row: Selectable<IncidentTable>): Incident {
  return { ...row, told: isEvent(row.told) ? row.told : null };
}

/** Written by Weir alone, so its shape is known by two of its fields. */
function isEvent(told: unknown): told is PageEvent {
  return isObject(told) && typeof told['eventId'] === 'string' && isObject(told['details']);
}
