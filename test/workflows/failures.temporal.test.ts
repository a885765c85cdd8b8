import { WorkflowFailedError } from '@temporalio/client';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';
import { decisionUpdates } from '../../workflows/decisions.ts';
import { failedSuites } from '../../workflows/search-attributes.ts';

const HOUR = 'transactions/2017-01-02T08.jsonl';
const MOVEMENTS = 'pos_events/2017-01-02T08.jsonl';
const MOVEMENT = { store_id: 'STORE_00001', sku: '1', quantity_change: -1, event_ts: '2017-01-02T08:15:00Z' };
const OVER_LIMIT = basket(9, { total_amount: '100000.01' });

let weir: TestWeir;
beforeEach(async () => {
  weir = await testWeir();
});
afterEach(async () => {
  await weir.close();
});

/** The target of movements no longer fits its model: no retry mends that. */
async function breakMovements(): Promise<void> {
  await sql`alter table silver.stg_pos_events add column unknown int`.execute(weir.database.admin);
}

async function abandon(run: Run, verdictId: string): Promise<void> {
  await run.executeUpdate(decisionUpdates.abandon, { args: [{ verdictId, reason: 'test' }] });
}

async function bothPaged(): Promise<void> {
  await until(async () => (await weir.incidents()).length === 2, {
    what: 'hold and failure are paged',
    timeoutMs: 60_000,
  });
}

async function leases(): Promise<readonly string[]> {
  const rows = await weir.database.admin.selectFrom('control.lease').select('model').execute();
  return rows.map(({ model }) => model);
}

describe('a run of which a part fails', () => {
  it('fails and pages when a source could not be extracted', async () => {
    await sql`drop table operational.products`.execute(weir.database.admin);
    const run = await weir.run('daily');
    await expect(run.result()).rejects.toMatchObject({
      cause: { type: 'RunFailed', message: expect.stringContaining('operational.products') },
    });
    await until(async () => (await weir.incidents()).length === 1, {
      what: 'the failure is paged',
      timeoutMs: 60_000,
    });
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from gold.dim_stores`.execute(
      weir.database.admin,
    );
    expect(rows).toEqual([{ n: 3 }]);
  });

  it('is not resolved by a good hour of the past, but by the next run that reads what arrived', async () => {
    await weir.loadDimensions();
    await weir.land(HOUR, baskets(1, 9));
    const models = ['stg_transactions'];
    await sql`revoke insert on bronze.raw_transactions from weir_loader`.execute(weir.database.admin);
    await expect((await weir.run('hourly', { asOf: AS_OF, models })).result()).rejects.toThrow();
    const state = async () => {
      const row = await weir.database.admin.selectFrom('control.incident').select('state').executeTakeFirst();
      return row?.state;
    };
    expect(await state()).toBe('open');
    await sql`grant insert on bronze.raw_transactions to weir_loader`.execute(weir.database.admin);
    const past = { intervalStart: '2017-01-01T03:00:00Z', intervalEnd: '2017-01-01T04:00:00Z' };
    await (await weir.run('hourly', { asOf: AS_OF, models, ...past })).result();
    expect(await state()).toBe('open');
    await (await weir.run('hourly', { asOf: AS_OF, models })).result();
    expect(await state()).toBe('resolved');
  });

  it('pages at once, though another part is held, and fails when that has ended', async () => {
    await weir.loadDimensions();
    await breakMovements();
    await weir.land(HOUR, [...baskets(1, 9), OVER_LIMIT]);
    await weir.land(MOVEMENTS, [MOVEMENT]);
    const run = await weir.run('hourly', { asOf: AS_OF });
    const verdictId = await weir.heldVerdict('stg_transactions');
    await bothPaged();
    expect((await run.describe()).status.name).toBe('RUNNING');
    await abandon(run, verdictId);
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'RunFailed' } });
  });

  it('says so beside a hold that expired', async () => {
    await weir.loadDimensions();
    await breakMovements();
    await weir.land(HOUR, [...baskets(1, 9), OVER_LIMIT]);
    await weir.land(MOVEMENTS, [MOVEMENT]);
    const run = await weir.run('hourly', { asOf: AS_OF, holdFor: '1s' });
    await expect(run.result()).rejects.toMatchObject({
      cause: { type: 'GateHeld', message: expect.stringContaining('unknown') },
    });
    await bothPaged();
  });
});

describe('a hold that could not be kept', () => {
  it('takes no decisions: nobody is left to do them', async () => {
    await weir.loadDimensions();
    const { admin } = weir.database;
    await sql`create function control.steal() returns trigger language plpgsql security definer as $$
      begin update control.lease set workflow_id = 'thief' where model = new.model; return new; end $$`.execute(
      admin,
    );
    await sql`create trigger steal after insert on control.gate_run for each row
      when (new.model = 'stg_transactions') execute function control.steal()`.execute(admin);
    await weir.land(HOUR, [...baskets(1, 9), OVER_LIMIT]);
    await weir.land(MOVEMENTS, [{ ...MOVEMENT, sku: null }]);
    const run = await weir.run('hourly', { asOf: AS_OF });
    const held = await weir.heldVerdict('stg_pos_events');
    await bothPaged();
    const suites = async () => (await run.describe()).typedSearchAttributes.get(failedSuites)?.join();
    await until(async () => (await suites()) === 'pos_events', {
      what: 'the suite of what is held is named, and no other',
      timeoutMs: 60_000,
    });
    const { verdict_id: lost } = await admin
      .selectFrom('control.gate_run')
      .select('verdict_id')
      .where('model', '=', 'stg_transactions')
      .executeTakeFirstOrThrow();
    await expect(abandon(run, lost)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('does not stand') },
    });
    await abandon(run, held);
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'RunFailed' } });
  });
});

describe('two gates of a run', () => {
  it('that are held at once are both found by their suites', async () => {
    await weir.loadDimensions();
    await weir.land(HOUR, [...baskets(1, 9), OVER_LIMIT]);
    await weir.land(MOVEMENTS, [{ ...MOVEMENT, sku: null }]);
    const run = await weir.run('hourly', { asOf: AS_OF });
    await until(
      async () =>
        (await run.describe()).typedSearchAttributes.get(failedSuites)?.toSorted().join() ===
        'pos_events,transactions',
      { what: 'both suites are named', timeoutMs: 60_000 },
    );
    for (const model of ['stg_transactions', 'stg_pos_events'])
      await abandon(run, await weir.heldVerdict(model));
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'Abandoned' } });
  });
});

describe('a run that is cancelled', () => {
  it('gives back every lease, that of a held gate and that of a query that has to be ended first', async () => {
    await weir.loadDimensions();
    await weir.land(HOUR, [...baskets(1, 9), OVER_LIMIT]);
    await weir.land(MOVEMENTS, [MOVEMENT]);
    await whileStagingMovements(async (run) => {
      await weir.heldVerdict('stg_transactions');
      await run.cancel();
      await expect(run.result()).rejects.toThrow(WorkflowFailedError);
    });
    expect(await leases()).toEqual([]);
  });

  it('in the middle of a query ends as cancelled and pages nobody', async () => {
    await weir.loadDimensions();
    await weir.land(MOVEMENTS, [MOVEMENT]);
    await whileStagingMovements(async (run) => {
      await run.cancel();
      await expect(run.result()).rejects.toThrow(WorkflowFailedError);
      expect((await run.describe()).status.name).toBe('CANCELLED');
    });
    expect(await leases()).toEqual([]);
    expect(await weir.database.admin.selectFrom('control.incident').select('kind').execute()).toEqual([]);
  });
});

/** Does something with a run while its stage of the movements waits for a lock, in a query. */
async function whileStagingMovements(work: (run: Run) => Promise<void>): Promise<void> {
  const { admin } = weir.database;
  await sql`create function control.wait() returns trigger language plpgsql as
    'begin perform pg_advisory_xact_lock(42); return new; end'`.execute(admin);
  await sql`create trigger wait before update on control.load for each row
    when (new.model = 'stg_pos_events' and new.state = 'staged') execute function control.wait()`.execute(
    admin,
  );
  await admin.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(42)`.execute(trx);
    const run = await weir.run('hourly', { asOf: AS_OF });
    await until(stagingWaits, { what: 'movements are being staged', timeoutMs: 60_000 });
    await work(run);
  });
}

async function stagingWaits(): Promise<boolean> {
  const { rows } = await sql`
    select from pg_locks where locktype = 'advisory' and not granted and objid = 42
      and database = (select oid from pg_database where datname = current_database())`.execute(
    weir.database.admin,
  );
  return rows.length > 0;
}

describe('many runs at once', () => {
  it('end, though more of them wait for a lease than a worker has slots', async () => {
    await weir.loadDimensions();
    await weir.land(HOUR, baskets(1, 9));
    await weir.land(MOVEMENTS, [MOVEMENT]);
    const runs = await Promise.all(Array.from({ length: 14 }, () => weir.run('hourly', { asOf: AS_OF })));
    const results = await Promise.all(runs.map((run) => run.result()));
    const rows = results.map(({ models }) => models['stg_transactions']?.rows ?? 0);
    expect(rows.reduce((sum, one) => sum + one, 0)).toBe(8);
  });
});
