import { sql } from 'kysely';
import { redactText } from '../../expectations/redact.ts';
import type { Gate } from '../../expectations/verdict.ts';
import type { Site } from '../site.ts';
import { isAway } from './away.ts';
import { readBroken, type BrokenPromise } from './broken-promises.ts';
import type { MadeDecision } from './gate-fate.ts';

/** How a hold came to its end. */
export type HoldEnd =
  /** Nobody has decided, and somebody still may. */
  | 'held'
  /** It passed, after a decision or by itself. */
  | 'passed'
  | 'overridden'
  | 'abandoned'
  /** Nobody decided in time. */
  | 'expired'
  /** Its run is over, and did not say why. */
  | 'ended';

/** One time that a gate kept a model waiting: from the first verdict that held it to what let it go. */
export interface Hold {
  readonly model: string;
  readonly gate: Gate;
  readonly suite: string;
  /** The last verdict that held it: its page says why. */
  readonly verdictId: string;
  readonly errored: boolean;
  readonly failed: number;
  readonly evaluated: number;
  readonly broken: readonly BrokenPromise[];
  readonly since: Date;
  /** Null while it is held, and where nobody wrote down when it ended. */
  readonly until: Date | null;
  readonly end: HoldEnd;
  /** The last one about it, texts redacted; null where it went on by itself. */
  readonly decision: MadeDecision | null;
  /** What had changed when the run looked again by itself. */
  readonly because: string | null;
  readonly pipeline: string | null;
  readonly workflowId: string;
  readonly runId: string;
}

/** Evaluations that are looked through: of a gate that is asked again and again there are many. */
const MOST_LOOKED_AT = 1000;

interface Row {
  readonly model: string;
  readonly gate: Gate;
  readonly suite: string;
  readonly verdictId: string;
  readonly outcome: string;
  readonly failed: number;
  readonly evaluated: number;
  readonly broken: readonly string[] | null;
  readonly since: Date;
  readonly last: Date;
  readonly pipeline: string | null;
  readonly workflowId: string;
  readonly runId: string;
  readonly lease: 'held' | 'expired' | null;
  readonly leaseEnded: boolean;
  readonly gaveWay: boolean;
  readonly decision: MadeDecision['decision'] | null;
  readonly reason: string | null;
  readonly by: string | null;
  readonly decidedAt: Date | null;
  readonly nextAt: Date | null;
  readonly because: string | null;
}

/** The last holds, the newest first, those that stand now among them. By indexes, over a ledger of any length. */
export async function readHolds(site: Site, count = 10): Promise<readonly Hold[]> {
  const { rows } = await sql<Row>`
    with blocking as (
      select * from control.gate_run where blocks order by evaluation_id desc limit ${MOST_LOOKED_AT}
    ),
    hold as (
      select model, gate, workflow_id, min(evaluated_at) as since, max(evaluation_id) as last_id,
        array_agg(distinct verdict_id) as verdicts
      from blocking group by model, gate, workflow_id order by last_id desc
    )
    select hold.model, hold.gate, run.suite, run.verdict_id as "verdictId", run.outcome,
      run.expectations_failed as failed, run.expectations_evaluated as evaluated, run.broken, hold.since,
      run.evaluated_at as last, load.pipeline, hold.workflow_id as "workflowId", run.run_id as "runId",
      lease.state as lease, ended.run_id is not null as "leaseEnded",
      ${isAway('load')} as "gaveWay",
      said.decision, said.reason, said.decided_by as by, said.decided_at as "decidedAt",
      next.evaluated_at as "nextAt", next.looked_because as because
    from hold
    join control.gate_run as run on run.evaluation_id = hold.last_id
    left join control.load as load on load.load_id = run.load_id
    left join control.lease as lease on lease.model = hold.model and lease.workflow_id = hold.workflow_id
      and lease.verdict_id = run.verdict_id and lease.state in ('held', 'expired')
    left join control.watch_ended_run as ended on ended.run_id = lease.run_id
    left join lateral (
      select d.* from control.decision as d where d.verdict_id = any(hold.verdicts) order by d.decision_id desc limit 1
    ) as said on true
    left join lateral (
      -- While it is held other runs ask the gate only where it gives way; what has come since is not looked through.
      select n.* from (
        select * from control.gate_run as g
        where g.model = hold.model and g.gate = hold.gate and g.evaluation_id > hold.last_id
        order by g.evaluation_id limit 20
      ) as n
      where n.workflow_id = hold.workflow_id order by n.evaluation_id limit 1
    ) as next on true
    -- Where the same run asked again at once, rows were set aside as the suite says: nobody was told, and nobody waited.
    where not (next.evaluated_at is not null and next.run_id = run.run_id and next.looked_because is null
      and said.decision is null)
    order by hold.last_id desc limit ${count}`.execute(site.database);
  return rows.map(holdOf);
}

function holdOf(row: Row): Hold {
  const { broken, decision, reason, by, decidedAt, because, outcome } = row;
  const { model, gate, suite, verdictId, failed, evaluated, since, pipeline, workflowId, runId } = row;
  const end = endOf(row);
  return {
    ...{ model, gate, suite, verdictId, failed, evaluated, since, pipeline, workflowId, runId, end },
    errored: outcome === 'error',
    broken: readBroken(broken ?? []),
    until: untilOf(row, end),
    decision:
      decision === null || decidedAt === null
        ? null
        : { decision, reason: redactText(reason ?? ''), by: redactText(by ?? ''), at: decidedAt },
    because: because === null ? null : redactText(because),
  };
}

function endOf({ lease, leaseEnded, gaveWay, decision, decidedAt, last, nextAt }: Row): HoldEnd {
  const decided = decidedAt !== null && decidedAt >= last ? decision : null;
  if (decided === 'overrideGate') return 'overridden';
  if (decided === 'abandon') return 'abandoned';
  if (nextAt !== null) return 'passed';
  if (lease === 'expired') return 'expired';
  if (gaveWay) return 'held'; // Another run has the model until its turn comes again.
  return lease === 'held' && !leaseEnded ? 'held' : 'ended';
}

function untilOf({ decidedAt, nextAt }: Row, end: HoldEnd): Date | null {
  if (end === 'overridden' || end === 'abandoned') return decidedAt;
  return end === 'passed' ? nextAt : null;
}
