import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WorkflowHandle } from '@temporalio/client';
import type { BackfillInput } from '../../workflows/backfill-input.ts';
import type { BackfillReport } from '../../workflows/backfill-report.ts';
import type { backfill } from '../../workflows/backfill.ts';
import { until } from '../poll.ts';
import { basket, baskets } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';

let weir: TestWeir;
beforeEach(async () => {
  weir = await testWeir();
  await weir.loadDimensions();
});
afterEach(() => weir.close());

const MODELS = ['stg_transactions', 'fct_daily_sales'];
const RANGE = { from: '2017-01-02T06:00:00Z', to: '2017-01-02T12:00:00Z' };

type Backfill = WorkflowHandle<typeof backfill>;

async function start(input: BackfillInput): Promise<Backfill> {
  const { client, taskQueue } = weir.temporal;
  const { workflowId } = await client.workflow.start('backfill', {
    taskQueue,
    workflowId: `backfill-hourly-${randomBytes(4).toString('hex')}`,
    args: [{ models: MODELS, ...input }],
  });
  return client.workflow.getHandle<typeof backfill>(workflowId);
}

/** Loads by event time: interval and how often it was published, by model. */
async function loaded(): Promise<readonly { model: string; start: string; loads: number }[]> {
  const { rows } = await sql<{ model: string; start: string; loads: number }>`
    select model, to_char(interval_start, 'HH24:MI') as start, count(*) as loads from control.load
    where interval_start is not null and state in ('published', 'empty')
    group by 1, interval_start order by 1, interval_start`.execute(weir.database.admin);
  return rows;
}

async function silver(): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select transaction_id as id from silver.stg_transactions order by 1`.execute(weir.database.admin);
  return rows.map(({ id }) => id);
}

function at(hour: number): { readonly transaction_timestamp: string } {
  return { transaction_timestamp: `2017-01-02T${String(hour).padStart(2, '0')}:15:00Z` };
}

function report(handle: Backfill): Promise<BackfillReport> {
  return handle.query<BackfillReport>('progress');
}

describe('a backfill', () => {
  it('loads each interval of its range once, in runs of their own, and a second one has nothing to do', async () => {
    await weir.land('transactions/one.jsonl', [
      basket(1, at(5)),
      ...baskets(2, 4, at(6)),
      basket(4, at(11)),
      basket(5, at(12)),
    ]);
    const first = await start({ ...RANGE, width: 3 });
    expect(await first.result()).toMatchObject({
      state: 'done',
      done: 6,
      skipped: 0,
      failures: 0,
      survey: { intervals: 6, done: 0, sources: ['raw_transactions'], models: MODELS },
      resume: null,
    });
    await keepHistory('backfill', first);
    expect(await silver()).toEqual(['T000002', 'T000003', 'T000004']);
    const each = ['06:00', '07:00', '08:00', '09:00', '10:00', '11:00'];
    expect(await loaded()).toEqual(
      ['fct_daily_sales', 'stg_transactions'].flatMap((model) =>
        each.map((start) => ({ model, start, loads: 1 })),
      ),
    );
    expect(await (await start(RANGE)).result()).toMatchObject({ state: 'done', done: 0, skipped: 6 });
    expect(await loaded()).toHaveLength(12);
    expect(
      await (await start({ ...RANGE, again: true, newestFirst: true, width: 1 })).result(),
    ).toMatchObject({ state: 'done', done: 6, skipped: 0, survey: { done: 6 } });
    expect((await loaded()).map(({ loads }) => loads)).toEqual(Array.from({ length: 12 }, () => 2));
    expect(await silver()).toEqual(['T000002', 'T000003', 'T000004']);
  });
});
