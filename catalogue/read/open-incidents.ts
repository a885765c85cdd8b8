import { sql } from 'kysely';
import { redactText } from '../../expectations/redact.ts';
import type { Site } from '../site.ts';

/** An incident that is open, and has a page of its own. */
export interface OpenIncident {
  readonly dedupKey: string;
  readonly kind: string;
  /** The model or source that it is about. */
  readonly relation: string | null;
  readonly pipeline: string | null;
  /** What on-call was told, redacted. */
  readonly summary: string;
  readonly severity: 'critical' | 'error' | 'warning' | 'info';
  readonly owner: string | null;
  readonly openedAt: Date;
  readonly failures: number;
  /** The last verdict that it is about. */
  readonly verdictId: string | null;
  readonly workflowId: string | null;
  readonly runId: string | null;
  /** Incidents of one cause with it, which its page tells of. */
  readonly members: number;
  /** Its own promise holds again, and others of its storm do not yet. */
  readonly isGood: boolean;
  /** Events of it that on-call has not got, or not yet. */
  readonly undelivered: number;
}

/** Those of this environment, the loudest first, then the oldest. */
export async function readOpenIncidents({ database, environment }: Site): Promise<readonly OpenIncident[]> {
  const { rows } = await sql<OpenIncident>`
    with open as (
      select * from control.incident where state = 'open' and starts_with(dedup_key, ${`weir/${environment}/`})
    ),
    missed as (
      select dedup_key, count(*) as events from control.page_delivery where state <> 'sent' group by dedup_key
    )
    select i.dedup_key as "dedupKey", i.kind, coalesce(i.relation, i.model) as relation, i.pipeline,
      coalesce(i.summary, i.dedup_key) as summary, i.severity, i.owner, i.opened_at as "openedAt", i.failures,
      coalesce(i.last_verdict_id, i.verdict_id) as "verdictId", coalesce(i.last_workflow_id, i.workflow_id) as "workflowId",
      coalesce(i.last_run_id, i.run_id) as "runId", coalesce(m.members, 0) as members, i.good_at is not null as "isGood",
      coalesce(missed.events, 0) as undelivered
    from open as i
    left join (select member_of, count(*) as members from open where member_of is not null group by member_of) as m
      on m.member_of = i.dedup_key
    left join missed on missed.dedup_key = i.dedup_key
    where i.member_of is null
    order by array_position(array['critical', 'error', 'warning', 'info'], i.severity), i.opened_at`.execute(
    database,
  );
  return rows.map((row) => ({
    ...row,
    summary: redactText(row.summary),
    owner: row.owner === null ? null : redactText(row.owner),
  }));
}
