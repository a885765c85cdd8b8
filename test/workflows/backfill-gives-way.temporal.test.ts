import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decisionUpdates } from '../../workflows/decisions.ts';
import { until } from '../poll.ts';
import { at, MODELS, silver, startBackfill, type Backfill } from '../setup/backfills.ts';
import { AS_OF, basket } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { setTrap } from '../setup/trap.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';

const MODEL = 'stg_transactions';
const OVERRIDE = { reason: 'that store was open then', by: 'test' };

let weir: TestWeir;
beforeEach(async () => {
  weir = await testWeir({ look: { firstMs: 300, mostMs: 300 } });
  await weir.loadDimensions();
});
afterEach(() => weir.close());

interface Held {
  readonly workflowId: string;
  readonly loadId: number;
  readonly verdictId: string;
}

/** Who holds the model at its gate; another load than `not`. */
async function heldBy(backfill: Backfill, not?: Held): Promise<Held> {
  return await until(
    async () => {
      const { rows } = await sql<Held>`
        select workflow_id as "workflowId", load_id as "loadId", verdict_id as "verdictId" from control.lease
        where model = ${MODEL} and state = 'held'`.execute(weir.database.admin);
      const held = rows.find(({ workflowId }) => workflowId.startsWith(`${backfill.workflowId}/`));
      return held === undefined || held.loadId === not?.loadId ? null : held;
    },
    { what: 'an interval holds the model', timeoutMs: 60_000 },
  );
}

/** Of a store that is there all the time. */
function open(hour: number) {
  return { ...at(hour), store_id: 'STORE_00001' };
}

/** An hour that was loaded when it arrived, and does not pass when it is loaded again: one of its stores has gone. */
async function holdAnInterval(): Promise<{ readonly backfill: Backfill; readonly held: Held }> {
  const gone = { ...at(8), store_id: 'STORE_00003' };
  await weir.land('transactions/08.jsonl', [basket(1, open(8)), basket(2, open(8)), basket(3, gone)]);
  await (await weir.run('hourly', { asOf: AS_OF, models: MODELS })).result();
  await sql`delete from gold.dim_stores where store_id = 'STORE_00003'`.execute(weir.database.admin);
  const backfill = await startBackfill(weir, { from: '2017-01-02T08:00:00Z', to: '2017-01-02T09:00:00Z' });
  const held = await heldBy(backfill);
  await until(async () => (await weir.incidents()).length === 1, {
    what: 'on-call is told',
    timeoutMs: 60_000,
  });
  return { backfill, held };
}

const NEXT = [basket(10, open(10)), basket(11, open(10))];

async function nextHour(): Promise<Run> {
  await weir.land('transactions/10.jsonl', NEXT);
  return await weir.run('hourly', { asOf: AS_OF, models: MODELS });
}

function interval({ workflowId }: Held) {
  return weir.temporal.client.workflow.getHandle(workflowId);
}

describe('a held interval of a backfill', { timeout: 240_000 }, () => {
  it('gives its model to the run that wants it, and is held again with the same verdict, on the same page', async () => {
    const { backfill, held } = await holdAnInterval();
    const told = (await weir.incidents())[0]?.text;
    await weir.land('transactions/10.jsonl', NEXT);
    // The file is none of the interval's, which is loaded again for it all the same.
    const reloaded = await heldBy(backfill, held);
    const run = await weir.run('hourly', { asOf: AS_OF, models: MODELS });
    expect((await run.result()).models).toMatchObject({
      stg_transactions: { state: 'published', rows: 2 },
      fct_daily_sales: { state: 'published' },
    });
    const again = await heldBy(backfill, reloaded);
    expect(again).toMatchObject({ workflowId: held.workflowId, verdictId: held.verdictId });
    expect((await weir.incidents()).map(({ text }) => text)).toEqual([told]);
    const { rows } = await sql`
      select looked_because as because from control.gate_run where load_id = ${again.loadId}`.execute(
      weir.database.admin,
    );
    expect(rows).toEqual([{ because: expect.stringContaining('stg_transactions was given to ') }]);
    expect((await weir.incidents())[0]?.status).toBe('triggered');
    await interval(held).executeUpdate(decisionUpdates.overrideGate, {
      args: [{ verdictId: held.verdictId, ...OVERRIDE }],
    });
    expect(await backfill.result()).toMatchObject({ state: 'done', done: 1, failures: 0 });
    await until(async () => (await weir.incidents())[0]?.status === 'resolved', {
      what: 'it resolves',
      timeoutMs: 60_000,
    });
    expect(await silver(weir)).toEqual(['T000001', 'T000002', 'T000003', 'T000010', 'T000011']);
    await keepHistory('hold-gives-way', interval(held));
  });

  it('that was abandoned is answered for by the next run that passes', async () => {
    const { backfill, held } = await holdAnInterval();
    await (await nextHour()).result();
    const { verdictId } = await heldBy(backfill, held);
    await interval(held).executeUpdate(decisionUpdates.abandon, {
      args: [{ verdictId, reason: 'that store is gone', by: 'test' }],
    });
    await expect(backfill.result()).rejects.toThrow();
    expect((await weir.incidents())[0]?.status).toBe('triggered');
    await weir.land('transactions/11.jsonl', [basket(20, open(11))]);
    await (await weir.run('hourly', { asOf: AS_OF, models: MODELS })).result();
    await until(async () => (await weir.incidents())[0]?.status === 'resolved', {
      what: 'it resolves',
      timeoutMs: 60_000,
    });
  });

  it('keeps a decision that is taken while the model is given away, and carries it out when its turn comes', async () => {
    const { backfill, held } = await holdAnInterval();
    const trap = await setTrap(weir, 'publish');
    let run: Run | null = null;
    // Who looks first gives the model away; who decides comes after it, and both wait here.
    await weir.database.admin.transaction().execute(async (trx) => {
      await sql`select from control.lease where model = ${MODEL} for update`.execute(trx);
      run = await nextHour();
      await wanted(run);
      await waiting(1);
      await interval(held).executeUpdate(decisionUpdates.overrideGate, {
        args: [{ verdictId: held.verdictId, ...OVERRIDE }],
      });
      await waiting(2);
    });
    await trap.caught();
    expect(await sql`select from control.decision`.execute(weir.database.admin)).toMatchObject({ rows: [] });
    await trap.open();
    expect(await (run as Run | null)?.result()).toMatchObject({
      models: { [MODEL]: { state: 'published' } },
    });
    expect(await backfill.result()).toMatchObject({ state: 'done', done: 1, failures: 0 });
    const { rows } = await sql`
      select decision, decided_by as by, load_id > ${held.loadId} as later from control.decision`.execute(
      weir.database.admin,
    );
    expect(rows).toEqual([{ decision: 'overrideGate', by: 'test', later: true }]);
    await keepHistory('hold-gives-way-decided', interval(held));
  });
});

/** Until a run has said that it wants the model. */
async function wanted({ workflowId }: Run): Promise<void> {
  const rows = () =>
    weir.database.admin
      .selectFrom('control.lease_wanted')
      .select('model')
      .where('workflow_id', '=', workflowId)
      .execute();
  await until(async () => ((await rows()).length > 0 ? true : null), {
    what: 'the run wants the model',
    timeoutMs: 60_000,
  });
}

/** Until so many sessions wait for the lease that this test has locked. */
async function waiting(sessions: number): Promise<void> {
  await until(
    async () => {
      const { rows } = await sql<{ n: number }>`
        select count(*)::int as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query ilike '%control%lease%'`.execute(
        weir.database.admin,
      );
      return rows[0]?.n === sessions ? true : null;
    },
    { what: `${sessions} wait for the lease`, timeoutMs: 60_000 },
  );
}
