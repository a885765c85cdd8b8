import { randomUUID } from 'node:crypto';
import { defineSearchAttributeKey } from '@temporalio/common';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scheduledStartTime } from '../../workflows/search-attributes.ts';
import { until } from '../poll.ts';
import { at, loadedIntervals, startBackfill } from '../setup/backfills.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';

// The shipped models as `weir new minute` writes them; their sources say `schedule: hourly` in their headers.
let weir: TestWeir;
beforeEach(async () => {
  weir = await testWeir({ minute: true });
  await weir.loadDimensions();
});
afterEach(() => weir.close());

/** The stations of a run, in the order they were asked for. */
async function stationsOf(
  run: Run,
): Promise<{ readonly stations: readonly string[]; readonly events: number }> {
  const { events } = await run.fetchHistory();
  const stations = (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [],
  );
  return { stations, events: events?.length ?? 0 };
}

/** A run as the schedule starts it, for the minute that ended so many minutes from now. */
async function scheduled(minutes: number): Promise<Run> {
  const { client, taskQueue } = weir.temporal;
  const { workflowId } = await client.workflow.start('minuteIncrementalLoad', {
    taskQueue,
    workflowId: `minute-incremental-load-${randomUUID()}`,
    args: [{ asOf: AS_OF }],
    typedSearchAttributes: [
      { key: defineSearchAttributeKey(scheduledStartTime.name, 'DATETIME'), value: slotEnd(minutes) },
    ],
  });
  return client.workflow.getHandle(workflowId);
}

const MINUTE_MS = 60_000;
const BEGAN = Date.now();

/** Later than now: a run that starts much later than its slot reads the slot's own rows. */
function slotEnd(minutes: number): Date {
  return new Date((Math.floor(BEGAN / MINUTE_MS) + minutes) * MINUTE_MS);
}

async function count(relation: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(relation)}`.execute(
    weir.database.admin,
  );
  return rows[0]?.count ?? -1;
}

describe('a pipeline of a minute', () => {
  it('extracts the sources that its models read, whatever these say, and the hour goes on from what it published', async () => {
    await weir.land('transactions/2017-01-02T08-15.jsonl', baskets(1, 5));
    const run = await weir.run('minute', { asOf: AS_OF });
    const { models } = await run.result();
    expect(Object.keys(models).toSorted()).toEqual([
      'inventory_realtime',
      'stg_inventory',
      'stg_pos_events',
      'stg_transactions',
    ]);
    expect(models['stg_transactions']).toMatchObject({ state: 'published', rows: 4 });
    await keepHistory('minute', run);
    await weir.land('transactions/2017-01-02T08-16.jsonl', baskets(5, 8));
    await (await weir.run('minute', { asOf: AS_OF })).result();
    const hour = await (await weir.run('hourly', { asOf: AS_OF })).result();
    expect(Object.keys(hour.models)).toEqual(['fct_daily_sales']);
    const { rows } = await sql`
      select sum(transaction_count)::int as baskets from gold.fct_daily_sales`.execute(weir.database.admin);
    expect(rows).toEqual([{ baskets: 7 }]);
  });

  it('is a plan, a look at each source and an open of each model where nothing has arrived', async () => {
    await (await weir.run('minute', { asOf: AS_OF })).result();
    const run = await weir.run('minute', { asOf: AS_OF });
    const { models } = await run.result();
    expect(Object.values(models).map(({ state }) => state)).toEqual(['empty', 'empty', 'empty', 'empty']);
    const { stations, events } = await stationsOf(run);
    expect(stations.toSorted()).toEqual([
      'extract',
      'extract',
      'extract',
      'open',
      'open',
      'open',
      'open',
      'plan',
    ]);
    expect(events).toBeLessThan(60);
  });

  it('and one of an hour that extract the same source at once land each file once', async () => {
    await weir.land('transactions/2017-01-02T08-15.jsonl', baskets(1, 60));
    await weir.land('transactions/2017-01-02T08-16.jsonl', baskets(60, 120));
    const runs = await Promise.all([
      weir.run('minute', { asOf: AS_OF }),
      weir.run('hourly', { asOf: AS_OF }),
      weir.run('minute', { asOf: AS_OF }),
    ]);
    await Promise.all(runs.map((run) => run.result()));
    expect(await count('bronze.raw_transactions')).toBe(119);
    expect(await count('silver.stg_transactions')).toBe(119);
    await (await weir.run('hourly', { asOf: AS_OF })).result();
    const { rows } = await sql`
      select sum(transaction_count)::int as baskets from gold.fct_daily_sales`.execute(weir.database.admin);
    expect(rows).toEqual([{ baskets: 119 }]);
  });

  it('leaves a model that another run goes on loading, and one that is held', async () => {
    const lock = await locked('silver.stg_transactions');
    await weir.land('transactions/2017-01-02T08-17.jsonl', baskets(20, 25));
    const slow = await scheduled(16);
    await until(async () => (await leased('stg_transactions')) === slow.workflowId, {
      what: 'the slow one loads',
      timeoutMs: 60_000,
    });
    const next = await scheduled(17);
    expect((await next.result()).models['stg_transactions']).toMatchObject({
      state: 'heldElsewhere',
      reason: expect.stringContaining(`being loaded by ${slow.workflowId}`),
    });
    await lock.open();
    expect((await slow.result()).models['stg_transactions']).toMatchObject({ state: 'published', rows: 5 });

    await weir.land('transactions/2017-01-02T08-15.jsonl', [basket(9, { total_amount: '100000.01' })]);
    const held = await scheduled(18);
    const verdictId = await weir.heldVerdict('stg_transactions');
    const beside = await scheduled(19);
    expect((await beside.result()).models['stg_transactions']).toMatchObject({
      state: 'heldElsewhere',
      reason: expect.stringContaining(`held by ${held.workflowId}`),
    });
    expect((await stationsOf(beside)).stations).not.toContain('gate');
    await held.executeUpdate('abandon', { args: [{ verdictId, reason: 'seen', by: 'test' }] });
    await expect(held.result()).rejects.toMatchObject({ cause: { type: 'Abandoned' } });
  });

  it('is filled by hours, and what missed minutes would have read came with the next', async () => {
    await weir.land('transactions/2017-01-02.jsonl', [...baskets(1, 5), basket(5, at(9))]);
    const range = { from: '2017-01-02T08:00:00Z', to: '2017-01-02T10:00:00Z' };
    const models = ['stg_transactions'];
    const filled = await startBackfill(weir, { pipeline: 'minute', models, ...range });
    expect(await filled.result()).toMatchObject({
      state: 'done',
      done: 2,
      survey: { intervals: 2, sources: ['raw_transactions'] },
    });
    expect((await loadedIntervals(weir)).map(({ start }) => start)).toEqual(['08:00', '09:00']);
    expect(await count('silver.stg_transactions')).toBe(5);
    const missed = await startBackfill(weir, { pipeline: 'minute', models });
    await expect(missed.result()).rejects.toMatchObject({
      cause: { type: 'InvalidInput', message: expect.stringContaining('from is missing') },
    });
  });

  it('costs a plan where a later minute has been read: runs that piled up while no worker polled', async () => {
    await weir.stopWorker();
    await weir.land('transactions/2017-01-02T08-15.jsonl', baskets(1, 5));
    const last = await scheduled(19);
    await weir.startWorker();
    expect((await last.result()).models['stg_transactions']).toMatchObject({ state: 'published', rows: 4 });
    const piled = await Promise.all([16, 17, 18].map(scheduled));
    for (const run of piled) {
      expect(await run.result()).toMatchObject({ models: {} });
      expect((await stationsOf(run)).stations).toEqual(['plan']);
    }
    const details: unknown = await piled[0]?.query('__temporal_workflow_metadata');
    expect(JSON.stringify(details)).toContain(
      `the run of the minute until ${slotEnd(19).toISOString()} reads what arrived`,
    );
  });
});

async function leased(model: string): Promise<string | undefined> {
  const { rows } = await sql<{ workflow_id: string }>`
    select workflow_id from control.lease where model = ${model} and load_id is not null`.execute(
    weir.database.admin,
  );
  return rows[0]?.workflow_id;
}

/** Keeps everybody from writing to a table until it is opened again. */
async function locked(relation: string): Promise<{ open(): Promise<void> }> {
  let release = () => {};
  const opened = new Promise<void>((accept) => (release = accept));
  let taken = () => {};
  const isTaken = new Promise<void>((accept) => (taken = accept));
  const done = weir.database.admin.transaction().execute(async (trx) => {
    await sql`lock table ${sql.table(relation)} in share row exclusive mode`.execute(trx);
    taken();
    await opened;
  });
  await isTaken;
  return {
    open: async () => {
      release();
      await done;
    },
  };
}
