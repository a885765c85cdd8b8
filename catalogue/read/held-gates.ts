import { sql } from 'kysely';
import type { Gate } from '../../expectations/verdict.ts';
import type { Schedule } from '../../models/model.ts';
import type { Site } from '../site.ts';
import { readBroken, type BrokenPromise } from './broken-promises.ts';
import { readModelStates } from './model-states.ts';
import { whoWaitsBehind } from './waiting-behind.ts';

/** A model that a gate holds now, and what a responder asks first. */
export interface HeldGate {
  readonly model: string;
  readonly gate: Gate;
  readonly suite: string;
  readonly verdictId: string;
  /** Whether it could not be checked at all. */
  readonly errored: boolean;
  readonly rows: number | null;
  readonly evaluated: number;
  readonly failed: number;
  /** The loudest first; empty where an earlier version judged. */
  readonly broken: readonly BrokenPromise[];
  readonly since: Date;
  /** When the run fails unless somebody decides. */
  readonly expires: {
    readonly at: Date;
    /** By its page; else by what the pipeline usually has. */ readonly told: boolean;
  };
  readonly pipeline: string | null;
  readonly workflowId: string;
  readonly runId: string;
  /** Models near or far downstream, in the graph's order: nothing new comes to them until it goes on. */
  readonly waiting: readonly string[];
}

/** What holds are given where nobody says otherwise: `workflows/*-load.ts` and `daily-dimension-refresh.ts`. */
const USUAL_HOLD_HOURS: Readonly<Record<Schedule, number>> = { minute: 1, hourly: 12, daily: 24 };

type Row = Omit<HeldGate, 'broken' | 'expires' | 'waiting'> & {
  readonly broken: readonly string[] | null;
  readonly expiresAt: Date | null;
};

/** The gates that hold now, the oldest first. What a run that has ended left behind is none: nobody can decide there. */
export async function readHeldGates(site: Site): Promise<readonly HeldGate[]> {
  const states = await readModelStates(site);
  const models = [...states].filter(([, { state }]) => state === 'held').map(([model]) => model);
  if (models.length === 0) return [];
  const { rows } = await sql<Row>`
    select lease.model, run.gate, run.suite, run.verdict_id as "verdictId", run.outcome = 'error' as errored,
      run.rows_checked as rows, run.expectations_evaluated as evaluated, run.expectations_failed as failed, run.broken,
      lease.since, lease.workflow_id as "workflowId", lease.run_id as "runId", load.pipeline,
      substring(told.event -> 'details' ->> 'hold_ends' from '^[-0-9T:.]+Z')::timestamptz as "expiresAt"
    from control.lease as lease
    cross join lateral (
      select r.* from control.gate_run as r where r.verdict_id = lease.verdict_id order by r.evaluation_id desc limit 1
    ) as run
    left join control.load as load on load.load_id = lease.load_id
    left join lateral (
      select i.told as event from control.incident as i
      where i.dedup_key = ${`weir/${site.environment}/`} || run.model || '/' || run.suite
        and i.last_verdict_id = run.verdict_id
    ) as told on true
    where lease.model = any(${models}::text[]) and lease.state = 'held'
    order by lease.since, lease.model`.execute(site.database);
  return rows.map(({ broken, expiresAt, ...row }) => ({
    ...row,
    broken: readBroken(broken ?? []),
    expires: expiresAt === null ? usualEnd(row) : { at: expiresAt, told: true },
    waiting: whoWaitsBehind(states, row.model),
  }));
}

function usualEnd({ since, pipeline }: Pick<Row, 'since' | 'pipeline'>): HeldGate['expires'] {
  const hours = USUAL_HOLD_HOURS[pipeline === 'minute' || pipeline === 'daily' ? pipeline : 'hourly'];
  return { at: new Date(since.getTime() + hours * 3_600_000), told: false };
}
