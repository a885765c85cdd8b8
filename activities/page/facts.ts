import { sql } from 'kysely';
import type { Verdict } from '../../expectations/verdict.ts';
import type { Graph } from '../../models/graph.ts';
import type { Database } from '../databases.ts';
import type { RunFailedPage } from './page-input.ts';

/** What the ledger knows of a load that went well. */
export interface GoodLoad {
  readonly loadId: number;
  readonly model: string;
  readonly publishedAt: Date;
  readonly asOf: Date;
}

/** What the control tables say about a gate that holds. */
export interface GateFacts {
  /** When this promise broke, of all its failures since it last held or was answered for. */
  readonly firstFailedAt: Date;
  readonly lastGood: GoodLoad | null;
  /** The load that is held; null where the ledger does not have it. */
  readonly load: {
    readonly pipeline: string;
    readonly intervalStart: Date | null;
    readonly intervalEnd: Date | null;
    readonly asOf: Date;
  } | null;
}

/** What the control tables say about a pipeline whose run failed. */
export interface RunFacts {
  readonly firstFailedAt: Date;
  readonly lastGood: GoodLoad | null;
}

/** Reads what a responder asks first: since when, how was it before, and what is this load. */
export async function gateFacts(
  db: Database,
  dedupKey: string,
  verdict: Verdict,
  _graph: Graph | null,
): Promise<GateFacts> {
  const { model, gate, suite, loadId } = verdict;
  const open = await openSince(db, dedupKey);
  const firstFailedAt = open ?? (await firstFailure(db, dedupKey, { model, gate, suite })) ?? new Date();
  const load = await db
    .selectFrom('control.load')
    .select(['pipeline', 'interval_start as intervalStart', 'interval_end as intervalEnd', 'as_of as asOf'])
    .where('load_id', '=', loadId)
    .executeTakeFirst();
  return { firstFailedAt, lastGood: await lastGoodLoad(db, 'model', model), load: load ?? null };
}

/** The same for a run: since when the pipeline fails, and the last load it published. */
export async function runFacts(
  db: Database,
  dedupKey: string,
  { pipeline }: RunFailedPage,
  _graph: Graph | null,
): Promise<RunFacts> {
  const open = await openSince(db, dedupKey);
  return { firstFailedAt: open ?? new Date(), lastGood: await lastGoodLoad(db, 'pipeline', pipeline) };
}

async function openSince(db: Database, dedupKey: string): Promise<Date | null> {
  const row = await db
    .selectFrom('control.incident')
    .select('first_failed_at')
    .where('dedup_key', '=', dedupKey)
    .where('state', '=', 'open')
    .executeTakeFirst();
  return row?.first_failed_at ?? null;
}

/** The first failure since the gate last passed, and since an earlier incident was resolved (an override does so). */
async function firstFailure(
  db: Database,
  dedupKey: string,
  { model, gate, suite }: Pick<Verdict, 'model' | 'gate' | 'suite'>,
): Promise<Date | null> {
  const row = await db
    .selectFrom('control.gate_run as failed')
    .select((select) => select.fn.min('failed.evaluated_at').as('at'))
    .where('failed.model', '=', model)
    .where('failed.gate', '=', gate)
    .where('failed.suite', '=', suite)
    .where(sql<boolean>`(failed.outcome in ('fail', 'error') or failed.blocks)`)
    .where(
      sql<boolean>`failed.evaluation_id > coalesce((
        select max(good.evaluation_id) from control.gate_run good
        where good.model = failed.model and good.gate = failed.gate and good.suite = failed.suite
          and good.outcome in ('pass', 'warn') and good.blocks is not true), 0)`,
    )
    .where(
      sql<boolean>`failed.evaluated_at > coalesce((
        select resolved_at from control.incident where dedup_key = ${dedupKey}), '-infinity')`,
    )
    .executeTakeFirst();
  return row?.at ?? null;
}

async function lastGoodLoad(db: Database, by: 'model' | 'pipeline', name: string): Promise<GoodLoad | null> {
  const row = await db
    .selectFrom('control.load')
    .select(['load_id as loadId', 'model', 'published_at as publishedAt', 'as_of as asOf'])
    .where(by, '=', name)
    .where('state', '=', 'published')
    .where('published_at', 'is not', null)
    .orderBy('load_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && row.publishedAt ? { ...row, publishedAt: row.publishedAt } : null;
}
