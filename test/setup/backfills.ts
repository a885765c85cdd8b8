import { randomBytes } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { sql } from 'kysely';
import type { BackfillInput } from '../../workflows/backfill/input.ts';
import { freshState } from '../../workflows/backfill/state.ts';
import type { backfill } from '../../workflows/backfill.ts';
import { until } from '../poll.ts';
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

/**
 * How often each interval's run was started, and how each ended, by `2017-01-02T08:00Z`.
 *
 * @param count of intervals that are to be there. The server lists runs a while after they began or ended: it is waited
 *   for until it lists so many, each run of them as it stands.
 */
export async function intervalsOf(
  weir: TestWeir,
  backfill: Backfill,
  count = 0,
): Promise<Readonly<Record<string, readonly string[]>>> {
  return await until(
    async () => {
      const { intervals, isSettled } = await listedIntervals(weir, backfill);
      return isSettled && Object.keys(intervals).length >= count ? intervals : null;
    },
    { what: `${count} intervals are listed as they stand`, timeoutMs: 60_000 },
  );
}

async function listedIntervals({ temporal }: TestWeir, { workflowId }: Backfill) {
  const { client, taskQueue } = temporal;
  const intervals: Record<string, string[]> = {};
  let isSettled = true;
  const query = `TaskQueue = "${taskQueue}" and WorkflowType = "hourlyIncrementalLoad"`;
  for await (const run of client.workflow.list({ query })) {
    const [of, interval = ''] = run.workflowId.split('/');
    if (of !== workflowId) continue;
    (intervals[interval] ??= []).push(run.status.name);
    const { status } = await client.workflow.getHandle(run.workflowId, run.runId).describe();
    isSettled &&= status.name === run.status.name;
  }
  return { intervals, isSettled };
}

/** Every run of a backfill, in order, with the length of its history. */
export async function runsOf(
  { temporal }: TestWeir,
  { workflowId }: Backfill,
): Promise<readonly { readonly runId: string; readonly events: number }[]> {
  const runs: { runId: string; events: number }[] = [];
  let { runId } = await temporal.client.workflow.getHandle(workflowId).describe();
  while (runId !== '') {
    const { events = [] } = await temporal.client.workflow.getHandle(workflowId, runId).fetchHistory();
    runs.unshift({ runId, events: events?.length ?? 0 });
    runId = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '';
  }
  return runs;
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
