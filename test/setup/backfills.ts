import { randomBytes } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { sql } from 'kysely';
import type { BackfillInput } from '../../workflows/backfill/input.ts';
import { freshState } from '../../workflows/backfill/state.ts';
import type { backfill } from '../../workflows/backfill.ts';
import { basket, type Basket } from './baskets.ts';
import type { TestWeir } from './weir.ts';

/** A backfill, as tests hold it: by workflow id alone, so that it means the run that goes on. */
export type Backfill = WorkflowHandle<typeof backfill>;

/** The models that tests load. */
export const MODELS = ['stg_transactions', 'fct_daily_sales'];

/** @param aRun intervals before it goes on anew; as usual when left out. */
export async function startBackfill(
  { temporal }: TestWeir,
  input: BackfillInput,
  aRun?: number,
): Promise<Backfill> {
  const { client, taskQueue } = temporal;
  const { workflowId } = await client.workflow.start('backfill', {
    taskQueue,
    workflowId: `backfill-hourly-${randomBytes(4).toString('hex')}`,
    args: [
      { models: MODELS, ...input },
      ...(aRun === undefined ? [] : [freshState(input.width ?? 4, Date.now(), aRun)]),
    ],
  });
  return client.workflow.getHandle<typeof backfill>(workflowId);
}

/** How often each interval's run was started, and how each ended, by `2017-01-02T08:00Z`. */
export async function intervalsOf(
  { temporal }: TestWeir,
  { workflowId }: Backfill,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const intervals: Record<string, string[]> = {};
  const query = `TaskQueue = "${temporal.taskQueue}" and WorkflowType = "hourlyIncrementalLoad"`;
  for await (const run of temporal.client.workflow.list({ query })) {
    const [of, interval = ''] = run.workflowId.split('/');
    if (of === workflowId) (intervals[interval] ??= []).push(run.status.name);
  }
  return intervals;
}

/** Every run of a backfill, in order, with the length of its history. */
export async function runsOf(
  { temporal }: TestWeir,
  { workflowId }: Backfill,
): Promise<readonly { readonly runId: string; readonly events: number }[]> {
  const runs: { runId: string; events: number; started: number }[] = [];
  for await (const run of temporal.client.workflow.list({ query: `WorkflowId = "${workflowId}"` }))
    runs.push({ runId: run.runId, events: run.historyLength ?? 0, started: run.startTime.getTime() });
  return runs.sort((a, b) => a.started - b.started);
}

/** Good loads by event time, by model and beginning, and how many each. */
export async function loadedIntervals({
  database,
}: TestWeir): Promise<readonly { readonly model: string; readonly start: string; readonly loads: number }[]> {
  const { rows } = await sql<{ model: string; start: string; loads: number }>`
    select model, to_char(interval_start, 'HH24:MI') as start, count(*) as loads from control.load
    where interval_start is not null and state in ('published', 'empty')
    group by 1, interval_start order by 1, interval_start`.execute(database.admin);
  return rows;
}

/** The ids that are published. */
export async function silver({ database }: TestWeir): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select transaction_id as id from silver.stg_transactions order by 1`.execute(database.admin);
  return rows.map(({ id }) => id);
}

/** The time of a basket in an hour of 2 January 2017. */
export function at(hour: number): { readonly transaction_timestamp: string } {
  return { transaction_timestamp: `2017-01-02T${String(hour).padStart(2, '0')}:15:00Z` };
}

/** So many baskets an hour of `[from, to)`, each with an id of its own. */
export function hours(from: number, to: number, each: number): readonly Basket[] {
  return Array.from({ length: to - from }, (_, hour) => from + hour).flatMap((hour) =>
    Array.from({ length: each }, (_, index) => basket(hour * 100 + index, at(hour))),
  );
}
