import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';
import type { DecideInput } from '../../activities/decide.ts';

/** The model and suite of every gate run here. */
export const MODEL = 'stg_transactions';
export const SUITE = 'transactions';

/** An evaluation of its input gate; what is left out is an ordinary one that failed and held. */
export interface Asked {
  readonly verdictId?: string;
  readonly loadId?: number | null;
  readonly at?: string;
  readonly outcome?: 'pass' | 'warn' | 'fail' | 'error';
  readonly blocks?: boolean | null;
  readonly broken?: readonly string[] | null;
  readonly because?: string;
  readonly reason?: string;
  readonly run?: string;
  readonly suiteHash?: string;
}

/** What a page needs of an evaluation, as the stations write it. @returns its ids. */
export async function asked(
  db: Database,
  one: Asked = {},
): Promise<{ readonly verdictId: string; readonly evaluationId: number; readonly loadId: number | null }> {
  const { verdictId = randomUUID(), outcome = 'fail', at = '2017-01-02T09:00:00Z', run = 'hourly/1' } = one;
  const broken = one.broken === undefined && outcome === 'fail' ? BROKEN : (one.broken ?? null);
  const loadId = one.loadId === undefined ? await opened(db) : one.loadId;
  const { evaluation_id: evaluationId } = await db
    .insertInto('control.gate_run')
    .values({
      verdict_id: verdictId,
      load_id: loadId,
      model: MODEL,
      gate: 'input',
      suite: SUITE,
      suite_hash: one.suiteHash ?? 'h',
      outcome,
      rows_checked: outcome === 'error' ? null : 57,
      expectations_evaluated: outcome === 'error' ? 0 : 8,
      expectations_failed: broken?.length ?? (outcome === 'pass' || outcome === 'error' ? 0 : 1),
      blocks: one.blocks === undefined ? outcome === 'fail' || outcome === 'error' : one.blocks,
      looked_because: one.because ?? null,
      reason: one.reason ?? null,
      broken,
      as_of: at,
      workflow_id: run,
      run_id: `${run}-first`,
      evaluated_at: at,
    })
    .returning('evaluation_id')
    .executeTakeFirstOrThrow();
  return { verdictId, evaluationId, loadId };
}

/** As `activities/gate/store-verdict.ts` writes them. */
export const BROKEN = [
  'critical store_id: store_id not null',
  'critical total_amount: total_amount between 0 and 100000',
  'warning : row count between 100 and 20000',
];

/** A load of the model in the ledger. */
export async function opened(
  db: Database,
  state: 'open' | 'staged' | 'published' | 'abandoned' = 'open',
): Promise<number> {
  const { load_id: loadId } = await db
    .insertInto('control.load')
    .values({
      ...{ model: MODEL, pipeline: 'hourly', workflow_id: 'hourly/1', run_id: 'hourly/1-first', state },
      read_window: JSON.stringify({ kind: 'whole', deltas: ['raw_transactions'] }),
      ...{ system_identifier: 's', timeline: 1, as_of: '2017-01-02T09:00:00Z', sql_hash: 'h' },
      ...{ opened_at: '2017-01-02T08:59:00Z', rows_read: 57 },
    })
    .returning('load_id')
    .executeTakeFirstOrThrow();
  if (state === 'published') await publish(db, loadId);
  return loadId;
}

/** A load that goes on after its gate. */
export async function publish(db: Database, loadId: number | null): Promise<void> {
  await sql`
    update control.load set state = 'published', published_at = '2017-01-02T09:30:00Z', rows_inserted = 50
    where load_id = ${loadId}`.execute(db);
}

/** What a person says. */
export async function decided(
  db: Database,
  verdictId: string,
  decision: DecideInput['decision'],
  { at = '2017-01-02T09:10:00Z', reason = 'the till was in training mode' } = {},
): Promise<void> {
  await db
    .insertInto('control.decision')
    .values({
      ...{ verdict_id: verdictId, decision, reason, decided_by: 'Ada', model: MODEL, load_id: null },
      ...{ workflow_id: 'hourly/1', run_id: 'hourly/1-first', decided_at: at },
    })
    .execute();
}

/** The model is held at a verdict. */
export async function held(
  db: Database,
  verdictId: string,
  state: 'held' | 'expired' = 'held',
): Promise<void> {
  await db
    .insertInto('control.lease')
    .values({
      ...{ model: MODEL, workflow_id: 'hourly/1', run_id: 'hourly/1-first', state },
      ...{ verdict_id: verdictId, since: '2017-01-02T09:00:05Z' },
    })
    .execute();
}

/** Rows that a verdict set aside. */
export async function setAside(
  db: Database,
  { verdictId, evaluationId, loadId }: Awaited<ReturnType<typeof asked>>,
  rows: number,
): Promise<void> {
  for (let row = 0; row < rows; row += 1)
    await sql`
      insert into control.batch_quarantine (load_id, attempt, model, gate, suite, verdict_id, evaluation_id,
        expectations, reason, record, workflow_id, run_id)
      values (${loadId}, 0, ${MODEL}, 'input', ${SUITE}, ${verdictId}, ${evaluationId}, '{1}', 'no store',
        '{"store_id": "CanaryRow77"}', 'hourly/1', 'hourly/1-first')`.execute(db);
}

/** What an evaluation counted of a promise of the suite. */
export async function counted(
  db: Database,
  evaluationId: number,
  one: {
    readonly place: number;
    readonly column: string | null;
    readonly type: string;
    readonly outcome?: 'held' | 'broken' | 'errored';
    readonly severity?: 'critical' | 'warning';
    readonly rows?: readonly [unexpected: number, elements: number];
    readonly observed?: number;
    readonly bounds?: readonly [lower: number | null, upper: number | null];
  },
): Promise<void> {
  const { place, column, type, outcome = 'broken', severity = 'critical', rows, observed, bounds } = one;
  const unit = rows === undefined ? 'value' : 'share';
  await sql`
    with known as (
      insert into control.promise (model, gate, suite, key, place, type, column_name, unit)
      values (${MODEL}, 'input', ${SUITE}, ${`${type} ${column} ${place}`}, ${place}, ${type}, ${column}, ${unit})
      on conflict (model, gate, suite, key) do update set place = excluded.place
      returning promise_id
    )
    insert into control.promise_result (evaluation_id, evaluated_at, unexpected, elements, observed, lower, upper,
      promise_id, outcome, severity)
    select ${evaluationId}, run.evaluated_at, ${rows?.[0] ?? null}, ${rows?.[1] ?? null}, ${observed ?? null},
      ${bounds?.[0] ?? null}, ${bounds?.[1] ?? null}, known.promise_id, ${outcome}::control.promise_outcome,
      ${severity}::control.promise_severity
    from known, control.gate_run as run where run.evaluation_id = ${evaluationId}`.execute(db);
}
