import { sql } from 'kysely';
import type { Graph } from '../../models/graph.ts';
import { isSource } from '../../models/model.ts';
import type { PublishedModel } from '../../models/model.ts';
import { timedDeltas } from '../../models/deltas.ts';
import { deltaOf } from '../../models/statements/stage.ts';
import type { Database } from '../databases.ts';
import { applySettings, applyWindow } from '../load-window.ts';
import { postgresFault } from '../postgres-error.ts';
import { takeSnapshot } from '../snapshot.ts';

/** Rows of a source whose time lies in a range. */
export interface RangeRows {
  readonly relation: string;
  readonly rows: number;
  /** False where counting took too long and the planner was asked instead. */
  readonly counted: boolean;
}

/** What one interval of a model took before: the middle of the last fifty. Null where it was never loaded. */
export interface ModelDuration {
  readonly model: string;
  readonly ms: number | null;
}

/** A preview is looked at by somebody who waits. */
const COUNT_TIMEOUT = '2s';
const QUERY_CANCELED = '57014';

/**
 * How many rows of the models' sources lie in a range of event time, as a load of it would read them.
 *
 * @param range ISO 8601, UTC, `[start, end)`.
 */
export async function countRange(
  db: Database,
  graph: Graph,
  models: readonly PublishedModel[],
  range: { readonly start: string; readonly end: string },
): Promise<readonly RangeRows[]> {
  const deltas = [...new Set(models.flatMap((model) => timedDeltas(model, graph)))];
  const sources = deltas.filter((name) => {
    const model = graph.byName.get(name);
    return model !== undefined && isSource(model);
  });
  const { snapshot } = await takeSnapshot(db);
  const counted: RangeRows[] = [];
  for (const relation of sources) counted.push(await countRows(db, relation, { ...range, snapshot }));
  return counted;
}

async function countRows(
  db: Database,
  relation: string,
  { start, end, snapshot }: { readonly start: string; readonly end: string; readonly snapshot: string },
): Promise<RangeRows> {
  const read = <T>(work: (trx: Parameters<typeof applyWindow>[0]) => Promise<T>): Promise<T> =>
    db.transaction().execute(async (trx) => {
      await applyWindow(trx, { kind: 'interval', start, end, to: snapshot, deltas: [relation] }, end);
      return await work(trx);
    });
  try {
    const rows = await read(async (trx) => {
      await applySettings(trx, [['statement_timeout', COUNT_TIMEOUT]]);
      const counted = await sql<{ rows: number }>`select count(*) as rows from ${deltaOf(relation)}`.execute(
        trx,
      );
      return counted.rows[0]?.rows ?? 0;
    });
    return { relation, rows, counted: true };
  } catch (error) {
    if (postgresFault(error)?.sqlstate !== QUERY_CANCELED) throw error;
    const rows = await read(async (trx) => {
      const explained = await sql<{ 'QUERY PLAN': readonly { Plan: { 'Plan Rows': number } }[] }>`
        explain (format json) select from ${deltaOf(relation)}`.execute(trx);
      return explained.rows[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0;
    });
    return { relation, rows, counted: false };
  }
}

/** What one interval took of each model, by the ledger: of loads by event time where there are any. */
export async function modelDurations(
  db: Database,
  models: readonly string[],
): Promise<readonly ModelDuration[]> {
  const { rows } = await sql<ModelDuration>`
    select asked.model, middle.ms
    from unnest(${[...models]}::text[]) with ordinality as asked (model, place)
    cross join lateral (
      select percentile_cont(0.5) within group (order by extract(epoch from took) * 1000)::float8 as ms
      from (
        select published_at - opened_at as took from control.load
        where model = asked.model and state = 'published' and published_at is not null
        order by interval_start is null, load_id desc
        limit 50
      ) as last
    ) as middle
    order by asked.place`.execute(db);
  return rows;
}
