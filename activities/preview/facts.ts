import { sql } from 'kysely';
import type { Kysely, Selectable } from 'kysely';
import type { ControlTables, DatabaseTransaction, LeaseTable, WatermarkTable } from '../databases.ts';
import type { Origin } from '../snapshot.ts';

/** What has been published of one delta. */
export interface Mark extends Origin {
  readonly relation: string;
  readonly snapshot: string;
  readonly loadId: number;
  /** ISO 8601, UTC. */
  readonly movedAt: string;
}

/** What the books say of a model. */
export interface ModelFacts {
  readonly marks: readonly Mark[];
  /** Null where it has never been published. */
  readonly published: {
    readonly sqlHash: string | null;
    readonly loadId: number | null;
    readonly at: string | null;
    /** What the hash stands for; null where no run has noted it. */
    readonly text: string | null;
  } | null;
  readonly held: {
    readonly workflowId: string;
    readonly since: string;
    readonly verdictId: string | null;
  } | null;
  /** Hash of the suite that a gate was last asked with, by gate. */
  readonly suiteHashes: Readonly<Record<string, string>>;
  /** Median of what its latest loads by arrival took from open to publish, in seconds; null where there are none. */
  readonly usualSeconds: number | null;
}

/** How many of the latest loads say what is usual. */
const LATEST = 50;

/** Reads what the books say of every model, in one picture. */
export async function readFacts(trx: DatabaseTransaction): Promise<(model: string) => ModelFacts> {
  const marks = await trx.selectFrom('control.watermark').selectAll().execute();
  const published = await readPublished(trx);
  const leases = await trx.selectFrom('control.lease').selectAll().where('state', '=', 'held').execute();
  const gates = await trx
    .selectFrom('control.gate_run')
    .select(['model', 'gate', 'suite_hash'])
    .distinctOn(['model', 'gate'])
    .orderBy('model')
    .orderBy('gate')
    .orderBy('evaluation_id', 'desc')
    .execute();
  const usual = await readUsual(trx);
  return (name) => {
    const of = <T extends { readonly model: string }>(rows: readonly T[]): readonly T[] =>
      rows.filter(({ model }) => model === name);
    return {
      marks: of(marks).map(markOf),
      published: published.get(name) ?? null,
      held: of(leases).map(heldOf)[0] ?? null,
      suiteHashes: Object.fromEntries(of(gates).map((one) => [one.gate, one.suite_hash])),
      usualSeconds: usual.get(name) ?? null,
    };
  };
}

function markOf(row: Selectable<WatermarkTable>): Mark {
  const { relation, snapshot, system_identifier: systemIdentifier, timeline, load_id: loadId } = row;
  return { relation, snapshot, systemIdentifier, timeline, loadId, movedAt: row.moved_at.toISOString() };
}

function heldOf(row: Selectable<LeaseTable>): NonNullable<ModelFacts['held']> {
  return { workflowId: row.workflow_id, since: row.since.toISOString(), verdictId: row.verdict_id };
}

async function readPublished(
  trx: DatabaseTransaction,
): Promise<ReadonlyMap<string, NonNullable<ModelFacts['published']>>> {
  const rows = await trx
    .selectFrom('control.target as target')
    .leftJoin('control.model_text as text', (join) =>
      join.onRef('text.model', '=', 'target.model').onRef('text.sql_hash', '=', 'target.sql_hash'),
    )
    .select(['target.model', 'target.sql_hash', 'target.load_id', 'target.published_at', 'text.text'])
    .where('target.publishes', '>', 0)
    .execute();
  return new Map(
    rows.map(({ model, sql_hash: sqlHash, load_id: loadId, published_at: at, text }) => [
      model,
      { sqlHash, loadId, at: at?.toISOString() ?? null, text },
    ]),
  );
}

/** Medians of what the latest loads by arrival took, in seconds, by model: an hour of the past or a rebuild is not usual. */
export async function readUsual(trx: Kysely<ControlTables>): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ model: string; seconds: number }>`
    select model, percentile_cont(0.5) within group (order by extract(epoch from published_at - opened_at)::float8) as seconds
    from (
      select model, opened_at, published_at, row_number() over (partition by model order by load_id desc) as nth
      from control.load where state = 'published' and published_at is not null and read_window ->> 'kind' <> 'interval'
        and not read_window ? 'replayOf' and not read_window ? 'rebuild'
    ) as latest
    where nth <= ${LATEST} group by model`.execute(trx);
  return new Map(rows.map(({ model, seconds }) => [model, seconds]));
}
