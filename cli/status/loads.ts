import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';

/** The last load of a model, as the ledger has it. */
export interface LastLoad {
  readonly loadId: number;
  /** `open` and `staged` go on, unless their run has ended. */
  readonly state: string;
  /** When it was opened or, once it has ended, when it did; ISO 8601, UTC. */
  readonly at: string;
  readonly rows: number | null;
  readonly workflowId: string;
}

/** What the gates of a model said last: the loudest of those of one load. */
export interface LastVerdict {
  readonly outcome: 'pass' | 'warn' | 'fail' | 'error';
  readonly loadId: number | null;
  readonly gate: string;
  readonly at: string;
}

/** An incident that is open. */
export interface OpenIncident {
  readonly dedupKey: string;
  readonly kind: string;
  readonly model: string | null;
  readonly since: string;
  readonly workflowId: string;
}

/** Reads the last load of each model. */
export async function readLastLoads(database: Database): Promise<ReadonlyMap<string, LastLoad>> {
  const rows = await database
    .selectFrom('control.load')
    .select(['model', 'load_id', 'state', 'opened_at', 'published_at', 'rows_staged', 'workflow_id'])
    .distinctOn('model')
    .orderBy('model')
    .orderBy('load_id', 'desc')
    .execute();
  return new Map(
    rows.map((row) => [
      row.model,
      {
        loadId: row.load_id,
        state: row.state,
        at: (row.published_at ?? row.opened_at).toISOString(),
        rows: row.rows_staged,
        workflowId: row.workflow_id,
      },
    ]),
  );
}

/** Reads what the gates of each model said of the last load that one was asked about. */
export async function readLastVerdicts(database: Database): Promise<ReadonlyMap<string, LastVerdict>> {
  const { rows } = await sql<Omit<LastVerdict, 'at'> & { readonly model: string; readonly at: Date }>`
    with latest as (
      select distinct on (model, gate) model, gate, load_id, outcome, evaluated_at
      from control.gate_run order by model, gate, evaluation_id desc
    )
    select distinct on (model) model, outcome, load_id as "loadId", gate, evaluated_at as at from latest
    order by model, load_id desc nulls last, array_position(array['error', 'fail', 'warn', 'pass'], outcome)`.execute(
    database,
  );
  return new Map(rows.map(({ model, at, ...rest }) => [model, { ...rest, at: at.toISOString() }]));
}

/** Counts what waits in quarantine, by the source or model that set it aside. */
export async function countQuarantined(database: Database): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ readonly relation: string; readonly rows: number }>`
    select relation, count(*) as rows from (
      select split_part(relation, '.', 2) as relation from control.quarantine where state = 'waiting' and expires_at > now()
      union all
      select model from control.batch_quarantine where state = 'waiting' and expires_at > now()
    ) as kept group by relation order by relation`.execute(database);
  return new Map(rows.map(({ relation, rows }) => [relation, rows]));
}

/** Reads the incidents that are open, the oldest first. */
export async function readOpenIncidents(database: Database): Promise<readonly OpenIncident[]> {
  const rows = await database
    .selectFrom('control.incident')
    .select(['dedup_key', 'kind', 'model', 'opened_at', 'workflow_id'])
    .where('state', '=', 'open')
    .orderBy('opened_at')
    .execute();
  return rows.map((row) => ({
    dedupKey: row.dedup_key,
    kind: row.kind,
    model: row.model,
    since: row.opened_at.toISOString(),
    workflowId: row.workflow_id,
  }));
}
