import { sql } from 'kysely';
import type { LoadState } from '../../activities/databases.ts';
import { redactText } from '../../expectations/redact.ts';
import type { Site } from '../site.ts';
import { isAway } from './away.ts';
import { decideFate, type Evaluation, type Fate, type MadeDecision } from './gate-fate.ts';

interface Row {
  readonly verdictId: string;
  readonly lease: 'running' | 'held' | 'expired' | null;
  readonly leaseSince: Date | null;
  readonly load: LoadState | null;
  readonly gaveWay: boolean;
  readonly setAside: number;
  readonly decision: MadeDecision['decision'] | null;
  readonly reason: string | null;
  readonly by: string | null;
  readonly decidedAt: Date | null;
  readonly nextAt: Date | null;
  readonly nextLoad: number | null;
  readonly nextRun: string | null;
  readonly nextBecause: string | null;
}

/** What has become of verdicts, by id, from the last evaluation of each. One statement, by indexes. */
export async function readFates(
  { database }: Site,
  latest: readonly Evaluation[],
): Promise<ReadonlyMap<string, Fate>> {
  if (latest.length === 0) return new Map();
  const ids = latest.map(({ evaluationId }) => evaluationId);
  const { rows } = await sql<Row>`
    select run.verdict_id as "verdictId", lease.state as lease, lease.since as "leaseSince", load.state as load,
      ${isAway('load')} as "gaveWay",
      aside.rows as "setAside", said.decision, said.reason, said.decided_by as by, said.decided_at as "decidedAt",
      next.evaluated_at as "nextAt", next.load_id as "nextLoad", next.workflow_id as "nextRun",
      next.looked_because as "nextBecause"
    from control.gate_run as run
    left join control.load as load on load.load_id = run.load_id
    left join control.lease as lease on lease.model = run.model and lease.verdict_id = run.verdict_id
    cross join lateral (
      select count(*) as rows from control.batch_quarantine as b
      where b.load_id = run.load_id and b.gate = run.gate and b.verdict_id = run.verdict_id
    ) as aside
    left join lateral (
      select d.* from control.decision as d
      where d.verdict_id = run.verdict_id and d.decided_at >= run.evaluated_at
      order by d.decision_id desc limit 1
    ) as said on true
    left join lateral (
      select n.evaluated_at, n.load_id, n.workflow_id, n.looked_because from control.gate_run as n
      where n.model = run.model and n.gate = run.gate and n.evaluation_id > run.evaluation_id
        and n.verdict_id <> run.verdict_id
      order by n.evaluation_id limit 1
    ) as next on true
    where run.evaluation_id = any(${ids}::bigint[])`.execute(database);
  const known = new Map(rows.map((row) => [row.verdictId, row]));
  return new Map(
    latest.flatMap((one) => {
      const row = known.get(one.verdictId);
      return row === undefined ? [] : [[one.verdictId, fateOf(one, row)] as const];
    }),
  );
}

function fateOf(latest: Evaluation, row: Row): Fate {
  const { lease, leaseSince: since, nextAt: at, nextRun: workflowId } = row;
  return decideFate({
    latest,
    decision: decisionOf(row),
    lease: lease === null || since === null ? null : { state: lease, since },
    load: row.load,
    gaveWay: row.gaveWay,
    setAside: row.setAside,
    next:
      at === null || workflowId === null
        ? null
        : { at, workflowId, loadId: row.nextLoad, lookedBecause: row.nextBecause },
  });
}

function decisionOf({ decision, reason, by, decidedAt: at }: Row): MadeDecision | null {
  if (decision === null || reason === null || by === null || at === null) return null;
  return { decision, reason: redactText(reason), by: redactText(by), at };
}
