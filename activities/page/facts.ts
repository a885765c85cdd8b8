import { sql } from 'kysely';
import type { Verdict } from '../../expectations/verdict.ts';
import type { Database } from '../databases.ts';
import type { RunRef } from '../run-ref.ts';
import { changedLately, type Change } from './changed-lately.ts';
import type { PageGraph } from './lineage.ts';
import { objectivesAtRisk, type ObjectiveAtRisk } from './objectives-at-risk.ts';
import type { RunFailedPage } from './page-input.ts';

/** What the ledger knows of a load that went well. */
export interface GoodLoad {
  readonly loadId: number;
  readonly model: string;
  readonly publishedAt: Date;
  readonly asOf: Date;
  readonly run: RunRef;
}

/** What a responder asks of every failure. */
export interface CommonFacts {
  /** When this promise broke, of all its failures since it last held or was answered for. */
  readonly firstFailedAt: Date;
  /** The run that opened the incident; null where none is open yet. */
  readonly firstRun: RunRef | null;
  readonly lastGood: GoodLoad | null;
  readonly changes: readonly Change[];
  readonly objectives: readonly ObjectiveAtRisk[];
}

/** What the control tables say about a gate that holds. */
export interface GateFacts extends CommonFacts {
  /** The load that is held; null where the ledger does not have it. */
  readonly load: {
    readonly pipeline: string;
    readonly intervalStart: Date | null;
    readonly intervalEnd: Date | null;
    readonly asOf: Date;
  } | null;
}

/** What the control tables say about a pipeline whose run failed. */
export type RunFacts = CommonFacts;

/** Reads what a responder asks first: since when, how was it before, what changed, and what is this load. */
export async function gateFacts(
  db: Database,
  dedupKey: string,
  verdict: Verdict,
  about: PageGraph & { readonly downstream: readonly string[] },
): Promise<GateFacts> {
  const { model, gate, suite, loadId } = verdict;
  const open = await openSince(db, dedupKey);
  const firstFailedAt = open?.at ?? (await firstFailure(db, dedupKey, { model, gate, suite })) ?? new Date();
  const load = await db
    .selectFrom('control.load')
    .select(['pipeline', 'interval_start as intervalStart', 'interval_end as intervalEnd', 'as_of as asOf'])
    .where('load_id', '=', loadId)
    .executeTakeFirst();
  return {
    firstFailedAt,
    firstRun: open?.run ?? null,
    lastGood: await lastGoodLoad(db, 'model', model),
    load: load ?? null,
    ...(await surroundings(db, about, model, [model, ...about.downstream])),
  };
}

/** The same for a run: since when the pipeline fails, and the last good load of what failed, else of the pipeline. */
export async function runFacts(
  db: Database,
  dedupKey: string,
  { pipeline, relation: failed }: RunFailedPage,
  about: PageGraph,
): Promise<RunFacts> {
  const open = await openSince(db, dedupKey);
  const relation = failed ?? null;
  const hurt: readonly string[] =
    relation === null ? [] : [relation, ...(about.graph?.downstream.get(relation) ?? [])];
  return {
    firstFailedAt: open?.at ?? new Date(),
    firstRun: open?.run ?? null,
    lastGood:
      (relation === null ? null : await lastGoodLoad(db, 'model', relation)) ??
      (await lastGoodLoad(db, 'pipeline', pipeline)),
    ...(await surroundings(db, about, relation, hurt)),
  };
}

/** What is good to know and keeps no page waiting: what cannot be read is left out. */
async function surroundings(
  db: Database,
  { graph, above }: PageGraph,
  model: string | null,
  hurt: readonly string[],
): Promise<Pick<CommonFacts, 'changes' | 'objectives'>> {
  const changes = changedLately(db, model, model === null ? [] : [...above(model)]);
  const objectives = graph === null ? [] : objectivesAtRisk(db, graph, hurt);
  const [changed, atRisk] = await Promise.allSettled([changes, objectives]);
  return {
    changes: changed.status === 'fulfilled' ? changed.value : [],
    objectives: atRisk.status === 'fulfilled' ? atRisk.value : [],
  };
}

async function openSince(
  db: Database,
  dedupKey: string,
): Promise<{ readonly at: Date; readonly run: RunRef | null } | null> {
  const row = await db
    .selectFrom('control.incident')
    .select(['first_failed_at', 'workflow_id', 'run_id'])
    .where('dedup_key', '=', dedupKey)
    .where('state', '=', 'open')
    .executeTakeFirst();
  if (row === undefined) return null;
  const { first_failed_at: at, workflow_id: workflowId, run_id: runId } = row;
  return { at, run: runId === null ? null : { workflowId, runId } };
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
        where good.model = ${model} and good.gate = ${gate} and good.suite = ${suite}
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
    .select(['workflow_id', 'run_id'])
    .where(by, '=', name)
    .where('state', '=', 'published')
    .where('published_at', 'is not', null)
    .orderBy('load_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row?.publishedAt) return null;
  const { workflow_id: workflowId, run_id: runId, publishedAt, loadId, model, asOf } = row;
  return { loadId, model, publishedAt, asOf, run: { workflowId, runId } };
}
