import { randomUUID } from 'node:crypto';
import { ScheduleOverlapPolicy, type ScheduleHandle } from '@temporalio/client';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PipelineInput } from '../../workflows/input.ts';
import type { PipelineResult } from '../../workflows/pipeline.ts';
import { decisionUpdates } from '../../workflows/decisions.ts';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';

let weir: TestWeir;
beforeEach(async () => {
  weir = await testWeir();
  await weir.loadDimensions();
});
afterEach(() => weir.close());

const MODEL = 'stg_transactions';
const BOTH = [MODEL, 'fct_daily_sales'];

interface LedgerRow {
  readonly id: number;
  readonly kind: string;
  readonly read: string;
  readonly slot: string | null;
  readonly inserted: number | null;
  readonly unchanged: number | null;
  readonly deleted: number | null;
}

/** The loads of stg_transactions, as people read them. */
async function ledger(): Promise<readonly LedgerRow[]> {
  const { rows } = await sql<LedgerRow>`
    select load_id as id, window_kind as kind, window_read as read, slot_end::text as slot, rows_inserted as inserted,
      rows_unchanged as unchanged, rows_deleted as deleted
    from control.ledger where model = ${MODEL} and state in ('published', 'empty') order by load_id`.execute(
    weir.database.admin,
  );
  return rows;
}

async function run(input: PipelineInput, keep?: string): Promise<PipelineResult> {
  const started = await weir.run('hourly', { asOf: AS_OF, models: BOTH, ...input });
  const result = await started.result();
  if (keep !== undefined) await keepHistory(keep, started);
  return result;
}

async function silver(): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select transaction_id as id from silver.stg_transactions order by 1`.execute(weir.database.admin);
  return rows.map(({ id }) => id);
}

describe('a range of event time', () => {
  it('reads rows of the range, whenever they arrived, and recomputes the keys they belong to', async () => {
    await weir.land('transactions/one.jsonl', baskets(1, 4));
    await run({});
    // Two that have landed and were published with the hour; what stands there is not what they say.
    await sql`update silver.stg_transactions set total_amount = 0`.execute(weir.database.admin);
    await sql`update gold.fct_daily_sales set gross_sales = 0`.execute(weir.database.admin);
    const [before] = (
      await sql`select snapshot::text from control.watermark order by 1`.execute(weir.database.admin)
    ).rows;
    const range = { intervalStart: '2017-01-02T08:00:00Z', intervalEnd: '2017-01-02T09:00:00Z' };
    const { models } = await run(range, 'interval');
    const remark = 'by event time, [2017-01-02T08:00:00.000Z, 2017-01-02T09:00:00.000Z)';
    expect(models[MODEL]).toMatchObject({ state: 'published', rows: 3, remarks: [remark] });
    expect(models['fct_daily_sales']).toMatchObject({ state: 'published', rows: 3, remarks: [remark] });
    const { rows } = await sql`select sum(gross_sales)::text as sales from gold.fct_daily_sales`.execute(
      weir.database.admin,
    );
    expect(rows).toEqual([{ sales: '7.50' }]);
    expect(
      (await sql`select snapshot::text from control.watermark order by 1`.execute(weir.database.admin))
        .rows[0],
    ).toEqual(before);
    expect(
      (await run({ intervalStart: '2017-01-03T00:00:00Z', intervalEnd: '2017-01-04T00:00:00Z' })).models[
        MODEL
      ],
    ).toMatchObject({ state: 'empty' });
  });
});

describe('the slot of a scheduled run', () => {
  let schedule: ScheduleHandle;
  beforeEach(async () => {
    schedule = await weir.temporal.client.schedule.create({
      scheduleId: `slots-${randomUUID()}`,
      spec: { calendars: [{ minute: 5, hour: '*' }], timezone: 'UTC' },
      action: {
        type: 'startWorkflow',
        workflowType: 'hourlyIncrementalLoad',
        taskQueue: weir.settings.taskQueue,
        args: [{ asOf: AS_OF, models: BOTH }],
      },
      policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL },
      state: { paused: true },
    });
  });
  afterEach(() => schedule.delete());

  /** The loads, once the schedule has started so many runs and they have ended. */
  async function loads(count: number): Promise<readonly LedgerRow[]> {
    const { recentActions } = await until(
      async () => {
        const { info } = await schedule.describe();
        return info.numActionsTaken === count ? info : null;
      },
      { what: `the schedule has started ${count} runs`, timeoutMs: 60_000 },
    );
    for (const { action } of recentActions)
      await weir.temporal.client.workflow.getHandle(action.workflow.workflowId).result();
    return await ledger();
  }

  /** A trigger's run is named by its second: two of one second are one. */
  async function nextSecond(): Promise<void> {
    const now = Math.floor(Date.now() / 1000);
    await until(() => Math.floor(Date.now() / 1000) > now, { what: 'the next second' });
  }

  /** Keeps what the schedule has started so far, each under its name. */
  async function keepScheduled(names: readonly string[]): Promise<void> {
    const { info } = await schedule.describe();
    for (const [index, name] of names.entries()) {
      const started = info.recentActions[index]?.action.workflow;
      expect(started, name).toBeDefined();
      const { workflowId = '', firstExecutionRunId } = started ?? {};
      await keepHistory(name, weir.temporal.client.workflow.getHandle(workflowId, firstExecutionRunId));
    }
  }

  /** As the Schedules page does it. */
  function backfill(start: string, end: string): Promise<void> {
    return schedule.backfill({
      start: new Date(start),
      end: new Date(end),
      overlap: ScheduleOverlapPolicy.ALLOW_ALL,
    });
  }

  it(
    'is read by arrival the first time, by event time when it comes again, and a trigger always by arrival',
    { timeout: 120_000 },
    async () => {
      await weir.land('transactions/one.jsonl', baskets(1, 4));
      await backfill('2017-01-02T09:00:00Z', '2017-01-02T09:30:00Z');
      expect(await loads(1)).toMatchObject([
        { kind: 'arrival', inserted: 3, slot: '2017-01-02 09:00:00+00' },
      ]);
      await weir.land('transactions/late.jsonl', [
        basket(8),
        basket(9, { transaction_timestamp: '2017-01-02T07:30:00Z' }),
      ]);
      await backfill('2017-01-02T09:00:00Z', '2017-01-02T09:30:00Z');
      expect((await loads(2))[1]).toMatchObject({
        kind: 'interval',
        read: 'event time [2017-01-02T08:00:00.000Z, 2017-01-02T09:00:00.000Z) of raw_transactions',
        inserted: 1,
        unchanged: 3,
        slot: null,
      });
      expect(await silver()).toEqual(['T000001', 'T000002', 'T000003', 'T000008']);
      await keepScheduled(['schedule', 'slot-again']);
      await schedule.trigger();
      expect((await loads(3))[2]).toMatchObject({ kind: 'arrival', inserted: 1, unchanged: 1 });
      // The same slot once more, at another second of it: what arrived meanwhile is not left lying.
      await weir.land('transactions/later.jsonl', [basket(10)]);
      await nextSecond();
      await schedule.trigger();
      expect((await loads(4))[3]).toMatchObject({ kind: 'arrival', inserted: 1 });
    },
  );
});

describe('a rebuild and a replay', () => {
  it(
    'run as the pipeline does, through the same gates, and the ledger tells what each was',
    { timeout: 120_000 },
    async () => {
      await weir.land('transactions/one.jsonl', baskets(1, 4));
      await run({});
      const [first] = await ledger();
      await sql`delete from silver.stg_transactions where transaction_id = 'T000001'`.execute(
        weir.database.admin,
      );
      await sql`insert into silver.stg_transactions (transaction_id, _source, _revision, _load, _position)
      values ('old shape', 'one.jsonl', 1, 1, 77)`.execute(weir.database.admin);
      const replayed = await run({ replay: first?.id ?? 0, models: [MODEL] }, 'replay');
      expect(replayed.models).toEqual({
        [MODEL]: {
          state: 'published',
          rows: 1,
          remarks: [`reads the 3 rows of load ${first?.id} again`, 'what it joins is read as of now'],
        },
      });
      await weir.land('transactions/two.jsonl', baskets(5, 6));
      const rebuilt = await run({ fullRefresh: [MODEL] }, 'rebuild');
      expect(rebuilt.models[MODEL]).toMatchObject({ rows: 1, remarks: ['rebuilt from whole relations'] });
      expect(await silver()).toEqual(['T000001', 'T000002', 'T000003', 'T000005']);
      expect(await ledger()).toMatchObject([
        { kind: 'arrival', read: 'what arrived in raw_transactions', inserted: 3 },
        { kind: 'replay', read: `the window of load ${first?.id} again`, inserted: 1, unchanged: 2 },
        {
          kind: 'rebuild',
          read: 'rebuild: everything of raw_transactions',
          inserted: 1,
          unchanged: 3,
          deleted: 1,
        },
      ]);
      await expect(run({ replay: 999_999, models: [MODEL] })).rejects.toMatchObject({
        cause: { cause: { message: expect.stringContaining('The ledger has no load 999999') } },
      });
      await expect(run({ fullRefresh: ['dim_stores'] })).rejects.toMatchObject({
        cause: {
          cause: { message: expect.stringContaining('dim_stores is not among the models of this run') },
        },
      });
    },
  );
});

it('the ledger tells what a gate said of a load, and who let it through', async () => {
  await weir.land('transactions/one.jsonl', [...baskets(1, 9), basket(9, { store_id: null })]);
  const held = await weir.run('hourly', { asOf: AS_OF, models: [MODEL] });
  const verdictId = await weir.heldVerdict(MODEL);
  await held.executeUpdate(decisionUpdates.overrideGate, {
    args: [{ verdictId, reason: 'known, mended tomorrow', by: 'test' }],
  });
  await held.result();
  const { rows } = await sql`select * from control.ledger where model = ${MODEL}`.execute(
    weir.database.admin,
  );
  expect(rows).toMatchObject([
    {
      state: 'published',
      rows_read: 9,
      rows_inserted: 8,
      rows_left_out: 1,
      suites: { input: { suite: 'transactions' }, output: { suite: MODEL } },
      verdicts: {
        input: { outcome: 'fail', blocks: true, verdictId, failed: 1 },
        output: { outcome: 'pass', blocks: false },
      },
      override: { verdictId, reason: 'known, mended tomorrow', by: 'test' },
      workflow_id: held.workflowId,
    },
  ]);
  const { rows: times } = await sql`
    select open_to_staged > '0' and staged_to_published > '0' and open_to_published > staged_to_published as told,
      sql_hash ~ '^[0-9a-f]{64}$' and suites -> 'input' ->> 'hash' ~ '^[0-9a-f]{64}$' as hashed
    from control.ledger where model = ${MODEL}`.execute(weir.database.admin);
  expect(times).toEqual([{ told: true, hashed: true }]);
  for (const login of ['weir_loader', 'weir_result_reader'])
    expect(
      (
        await sql`select has_table_privilege(${login}, 'control.ledger', 'select') as may`.execute(
          weir.database.admin,
        )
      ).rows,
    ).toEqual([{ may: true }]);
});
