import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BackfillReport } from '../../workflows/backfill/report.ts';
import { decisionUpdates } from '../../workflows/decisions.ts';
import { until } from '../poll.ts';
import { hours, MODELS, silver, startBackfill } from '../setup/backfills.ts';
import { AS_OF, basket } from '../setup/baskets.ts';
import { setTrap } from '../setup/trap.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { withinOne } from '../setup/within-one.ts';

let weir: TestWeir;
beforeEach(async () => {
  weir = await testWeir();
  await weir.loadDimensions();
});
afterEach(() => weir.close());

const DAY = { from: '2017-01-02T00:00:00Z', to: '2017-01-02T12:00:00Z', width: 6 };

interface Load {
  readonly workflow: string;
  readonly ofBackfill: boolean;
  readonly inserted: number | null;
  readonly updated: number | null;
  readonly unchanged: number | null;
}

/** The loads of a model in the order in which they had its lease. */
async function loadsOf(model: string): Promise<readonly Load[]> {
  const { rows } = await sql<Load>`
    select workflow_id as workflow, workflow_id like 'backfill-%' as "ofBackfill", rows_inserted as inserted,
      rows_updated as updated, rows_unchanged as unchanged
    from control.load where model = ${model} and state = 'published' order by load_id`.execute(
    weir.database.admin,
  );
  return rows;
}

async function watermarks(): Promise<unknown> {
  const { rows } = await sql`
    select model, relation, snapshot::text, load_id from control.watermark order by 1, 2`.execute(
    weir.database.admin,
  );
  return rows;
}

describe('beside a run that is of no backfill', { timeout: 240_000 }, () => {
  it('a backfill gives way for each model, keys of one day do not block each other, and every row is there once', async () => {
    await weir.land('transactions/one.jsonl', hours(0, 12, 3));
    const trap = await setTrap(weir, 'stage');
    const backfill = await startBackfill(weir, DAY);
    await trap.caught();
    const run = await weir.run('hourly', { asOf: AS_OF, models: MODELS });
    await until(
      async () =>
        (await weir.database.admin
          .selectFrom('control.lease_wanted')
          .select('workflow_id')
          .where('workflow_id', '=', run.workflowId)
          .executeTakeFirst()) ?? null,
      { what: 'the run waits for what the backfill loads', timeoutMs: 30_000 },
    );
    await trap.open();
    expect((await run.result()).models).toMatchObject({
      stg_transactions: { state: 'published' },
      fct_daily_sales: { state: 'published' },
    });
    expect(await backfill.result()).toMatchObject({ state: 'done', done: 12, failures: 0 });
    // One interval had the lease when the run came; no second one before the run.
    for (const model of MODELS) {
      const place = (await loadsOf(model)).findIndex(({ ofBackfill }) => !ofBackfill);
      expect(place).toBeGreaterThanOrEqual(0);
      expect(place).toBeLessThanOrEqual(1);
    }
    expect(await silver(weir)).toHaveLength(36);
    const { rows } = await sql`
      select sum(transaction_count)::int as transactions, count(*) as days from gold.fct_daily_sales`.execute(
      weir.database.admin,
    );
    expect(rows).toEqual([{ transactions: 36, days: 3 }]);
    expect(await weir.database.admin.selectFrom('control.lease_wanted').selectAll().execute()).toEqual([]);
  });
});

it(
  'waits where another run holds the model, says so, and goes on when somebody has decided',
  { timeout: 240_000 },
  async () => {
    await weir.land(
      'transactions/bad.jsonl',
      hours(8, 9, 8).map((row) => ({ ...row, store_id: null })),
    );
    const held = await weir.run('hourly', { asOf: AS_OF, models: MODELS });
    const verdictId = await weir.heldVerdict('stg_transactions');
    await weir.land('transactions/good.jsonl', hours(3, 5, 2));
    const backfill = await startBackfill(weir, { from: '2017-01-02T03:00:00Z', to: '2017-01-02T05:00:00Z' });
    const standing = await until(
      async () => {
        const now = await backfill.query<BackfillReport>('progress');
        return now.held.length > 0 ? now : null;
      },
      { what: 'the backfill says what it waits for', timeoutMs: 60_000 },
    );
    expect(standing).toMatchObject({
      state: 'loading',
      done: 0,
      held: [{ workflowId: held.workflowId, model: 'stg_transactions' }],
    });
    expect(standing.live).toHaveLength(2);
    await held.executeUpdate(decisionUpdates.abandon, {
      args: [{ verdictId, reason: 'these rows are wrong', by: 'test' }],
    });
    expect(await backfill.result()).toMatchObject({ state: 'done', done: 2, failures: 0 });
    expect(await silver(weir)).toHaveLength(4);
    await expect(held.result()).rejects.toThrow();
  },
);

describe('over hours that runs by arrival have loaded', () => {
  it('a backfill writes nothing and moves no watermark', async () => {
    await weir.land('transactions/one.jsonl', hours(6, 9, 4));
    await (await weir.run('hourly', { asOf: AS_OF, models: MODELS })).result();
    const before = { watermarks: await watermarks(), versions: await versions() };
    const { state } = await (
      await startBackfill(weir, { from: '2017-01-02T06:00:00Z', to: '2017-01-02T09:00:00Z' })
    ).result();
    expect(state).toBe('done');
    expect({ watermarks: await watermarks(), versions: await versions() }).toEqual(before);
    const again = (await loadsOf('stg_transactions')).slice(1);
    expect(again).toHaveLength(3);
    for (const load of again) expect(load).toMatchObject({ inserted: 0, updated: 0, unchanged: 4 });
  });

  it('a backfill lands what its sources have to give, and leaves the watermark behind it to the next run', async () => {
    await weir.land('transactions/one.jsonl', [basket(1)]);
    await (await weir.run('hourly', { asOf: AS_OF, models: MODELS })).result();
    await weir.land('transactions/two.jsonl', [
      basket(2),
      basket(3, { transaction_timestamp: '2017-01-02T03:15:00Z' }),
    ]);
    await (await startBackfill(weir, { from: '2017-01-02T08:00:00Z', to: '2017-01-02T09:00:00Z' })).result();
    expect(await silver(weir)).toEqual(['T000001', 'T000002']);
    await (await weir.run('hourly', { asOf: AS_OF, models: MODELS })).result();
    expect(await silver(weir)).toEqual(['T000001', 'T000002', 'T000003']);
  });
});

/** Which transaction last wrote each published row. */
async function versions(): Promise<unknown> {
  const { rows } = await sql`
    select transaction_id as row, _xid::text from silver.stg_transactions
    union all select store_id || transaction_date, _xid::text from gold.fct_daily_sales order by 1`.execute(
    weir.database.admin,
  );
  return rows;
}

describe('without a range', () => {
  beforeEach(() => withinOne('hour', { roomMs: 60_000 }));

  it('fills the slots that no scheduled run has loaded, and has nothing to do then', async () => {
    expect(await (await startBackfill(weir, {})).result()).toMatchObject({ state: 'nothingMissed' });
    await sql`
      insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, system_identifier, timeline,
        slot_end, as_of, sql_hash)
      select 'stg_transactions', 'hourly', 'scheduled', 'x', 'published', '{"kind": "whole"}', '', 1, slot, slot, ''
      from unnest(array[1, 2, 5, 7]) as ago, make_interval(hours => ago) as since,
        date_bin('1 hour', now() - since, 'epoch') as slot`.execute(weir.database.admin);
    const preview = await (await startBackfill(weir, { dryRun: true })).result();
    expect(preview).toMatchObject({
      state: 'dryRun',
      done: 0,
      survey: { missedOnly: true, intervals: 3, done: 0 },
    });
    const filled = await startBackfill(weir, {});
    expect(await filled.result()).toMatchObject({ state: 'done', done: 3, skipped: 0 });
    const { rows } = await sql<{ ago: number }>`
      select (extract(epoch from date_bin('1 hour', now(), 'epoch') - interval_end) / 3600)::int as ago
      from control.load where interval_end is not null and model = 'stg_transactions' order by 1`.execute(
      weir.database.admin,
    );
    expect(rows.map(({ ago }) => ago)).toEqual([3, 4, 6]);
    expect(await (await startBackfill(weir, {})).result()).toMatchObject({ state: 'nothingMissed' });
  });

  it('what cannot be used is refused with its mend, before anything is loaded', async () => {
    for (const [input, mend] of [
      [{ from: '2017-01-02T08:30:00Z' }, 'give 2017-01-02T08:00:00Z or 2017-01-02T09:00:00Z'],
      [{ models: ['stg_transaction'] }, 'stg_transaction does not exist'],
      [
        { pipeline: 'daily', models: ['dim_stores'] },
        'dim_stores cannot be backfilled: it reads whole relations',
      ],
    ] as const)
      await expect((await startBackfill(weir, input as never)).result()).rejects.toMatchObject({
        cause: { message: expect.stringContaining(mend) },
      });
  });
});
