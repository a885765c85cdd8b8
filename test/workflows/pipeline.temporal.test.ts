import { WorkflowFailedError } from '@temporalio/client';
import proto from '@temporalio/proto';
import { sql } from 'kysely';
import Long from 'long';
import { afterEach, describe, expect, it } from 'vitest';
import { gateState } from '../../workflows/search-attributes.ts';
import { decisionUpdates, type DecisionName } from '../../workflows/decisions.ts';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { firstVerdict, testWeir, type Run, type TestWeir } from '../setup/weir.ts';

const { ResetReapplyType } = proto.temporal.api.enums.v1;

const HOUR = 'transactions/2017-01-02T08.jsonl';
const MOVEMENT = { store_id: 'STORE_00001', sku: '1', quantity_change: -1, event_ts: '2017-01-02T08:15:00Z' };
const OVER_LIMIT = basket(9, { total_amount: '100000.01' });

let weir: TestWeir;
afterEach(async () => {
  await weir.close();
});

async function startWithDimensions(): Promise<void> {
  weir = await testWeir();
  await weir.loadDimensions();
}

async function silverRows(): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from silver.stg_transactions`.execute(
    weir.database.admin,
  );
  return rows[0]?.n ?? -1;
}

async function goldSales(): Promise<string | null> {
  const { rows } = await sql<{
    sales: string | null;
  }>`select sum(gross_sales)::text as sales from gold.fct_daily_sales`.execute(weir.database.admin);
  return rows[0]?.sales ?? null;
}

async function decide(
  run: Run,
  name: DecisionName,
  verdictId: string,
  reason = 'a reason long enough to count',
): Promise<void> {
  await run.executeUpdate(decisionUpdates[name], { args: [{ verdictId, reason, by: 'test' }] });
}

async function holdOneHour(holdFor?: string): Promise<{ run: Run; verdictId: string }> {
  await startWithDimensions();
  await weir.land(HOUR, [...baskets(1, 9), OVER_LIMIT]);
  const run = await weir.run('hourly', { asOf: AS_OF, ...(holdFor === undefined ? {} : { holdFor }) });
  const verdictId =
    holdFor === undefined
      ? await weir.heldVerdict('stg_transactions')
      : await firstVerdict(weir, 'stg_transactions');
  return { run, verdictId };
}

describe('a run whose gates pass', () => {
  it('publishes silver, then gold, and an hour without baskets moves only the watermark', async () => {
    await startWithDimensions();
    await weir.land(HOUR, baskets(1, 9));
    const run = await weir.run('hourly', { asOf: AS_OF });
    const { models } = await run.result();
    expect(models['stg_transactions']).toMatchObject({ state: 'published', rows: 8 });
    expect(models['fct_daily_sales']).toMatchObject({ state: 'published', rows: 3 });
    expect(models['stg_pos_events']).toMatchObject({ state: 'empty' });
    expect(await silverRows()).toBe(8);
    expect(await goldSales()).toBe('40.00');
    const empty = await (await weir.run('hourly', { asOf: '2017-01-02T10:00:00.000Z' })).result();
    expect(new Set(Object.values(empty.models).map(({ state }) => state))).toEqual(new Set(['empty']));
    expect(await weir.incidents()).toEqual([]);
    await keepHistory('pass', run);
  });

  it('starts with no input at all', async () => {
    await startWithDimensions();
    const { models } = await (await weir.run('hourly')).result();
    expect(models['stg_transactions']).toMatchObject({ state: 'empty' });
  });
});

describe('a run whose gate fails', () => {
  it('is held, pages once, and lets what does not depend on it go on; later runs leave the model to it', async () => {
    const { run, verdictId } = await holdOneHour();
    await until(async () => (await weir.incidents()).length === 1, {
      what: 'the incident is open',
      timeoutMs: 60_000,
    });
    await weir.land(
      'transactions/2017-01-02T09.jsonl',
      baskets(20, 22, { transaction_timestamp: '2017-01-02T09:15:00Z' }),
    );
    await weir.land('pos_events/2017-01-02T09.jsonl', [MOVEMENT]);
    const later = await (await weir.run('hourly', { asOf: '2017-01-02T10:00:00.000Z' })).result();
    expect(later.models['stg_transactions']?.state).toBe('heldElsewhere');
    expect(later.models['stg_transactions']?.reason).toMatch(new RegExp(`held by ${run.workflowId} since`));
    expect(later.models['fct_daily_sales']?.state).toBe('left');
    expect(later.models['stg_pos_events']).toMatchObject({ state: 'published', rows: 1 });
    expect(await silverRows()).toBe(0);

    await weir.land(HOUR, baskets(1, 10));
    await decide(run, 'reloadAndRetry', verdictId);
    const { models } = await run.result();
    expect(models['stg_transactions']).toMatchObject({ state: 'published', rows: 11 });
    expect(await silverRows()).toBe(11);
    await until(async () => (await weir.incidents())[0]?.status === 'resolved', {
      what: 'the incident is resolved',
      timeoutMs: 60_000,
    });
    expect(await weir.incidents()).toHaveLength(1);
    await keepHistory('hold-reload', run);
  });

  it('keeps its verdict over a recheck that ends the same way, and refuses stale and second decisions', async () => {
    const { run, verdictId } = await holdOneHour();
    await decide(run, 'retryGate', verdictId);
    await until(
      async () => {
        const { rows } = await sql<{
          n: number;
        }>`select count(*)::int as n from control.gate_run where model = 'stg_transactions'`.execute(
          weir.database.admin,
        );
        return rows[0]?.n === 2;
      },
      { what: 'the gate was asked twice', timeoutMs: 60_000 },
    );
    await until(async () => (await run.describe()).typedSearchAttributes.get(gateState) === 'held', {
      what: 'it is held again',
      timeoutMs: 60_000,
    });
    expect(await weir.heldVerdict('stg_transactions')).toBe(verdictId);
    await expect(decide(run, 'overrideGate', 'another')).rejects.toMatchObject({
      cause: { message: expect.stringContaining('does not stand') },
    });
    await expect(decide(run, 'overrideGate', verdictId, 'short')).rejects.toMatchObject({
      cause: { message: expect.stringContaining('15 or more letters') },
    });
    await decide(run, 'abandon', verdictId);
    await expect(run.result()).rejects.toThrow(WorkflowFailedError);
    await until(async () => (await weir.incidents()).length > 0, {
      what: 'on-call is told',
      timeoutMs: 60_000,
    });
    expect(await weir.incidents()).toMatchObject([{ status: 'triggered' }]);
    await keepHistory('hold-retry-abandon', run);

    await weir.land(HOUR, baskets(1, 10));
    const next = await (await weir.run('hourly', { asOf: AS_OF })).result();
    expect(next.models['stg_transactions']?.state).toBe('published');
    await until(async () => (await weir.incidents())[0]?.status === 'resolved', {
      what: 'a later pass resolves',
      timeoutMs: 60_000,
    });
  });

  it('publishes what is overridden, by name and reason', async () => {
    const { run, verdictId } = await holdOneHour();
    await decide(run, 'overrideGate', verdictId);
    await run.result();
    expect(await silverRows()).toBe(9);
    const { rows } = await sql<{ decided_by: string; override: string }>`
      select decided_by, override_verdict_id::text as override
      from control.decision join control.load on override_verdict_id = verdict_id`.execute(
      weir.database.admin,
    );
    expect(rows).toEqual([{ decided_by: 'test', override: verdictId }]);
    await keepHistory('hold-override', run);
  });

  it('after a reset does not replay the old override on rows that came since', async () => {
    const { run, verdictId } = await holdOneHour();
    await decide(run, 'overrideGate', verdictId);
    await run.result();
    expect(await silverRows()).toBe(9);
    await weir.land('transactions/2017-01-02T09.jsonl', [basket(30, { total_amount: '-1' }), OVER_LIMIT]);
    await resetTo(run, await taskBefore(run, 'extract'));
    const again = await weir.heldVerdict('stg_transactions', verdictId);
    expect((await run.describe()).status.name).toBe('RUNNING');
    expect(await silverRows()).toBe(9);
    await decide(run, 'overrideGate', again);
    await run.result();
    expect(await silverRows()).toBe(10);
  });

  it('reset to the gate of a load that an override published finds it published', async () => {
    const { run, verdictId } = await holdOneHour();
    await decide(run, 'overrideGate', verdictId);
    await run.result();
    await resetTo(run, await taskBefore(run, 'gate'));
    const { models } = await run.result();
    expect(models['stg_transactions']).toMatchObject({ state: 'published', rows: 9 });
    expect(await silverRows()).toBe(9);
  });

  it('fails as GateHeld when nobody decides in time, and the next run meets the rows again', async () => {
    const { run } = await holdOneHour('1s');
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'GateHeld' } });
    expect(await silverRows()).toBe(0);
    await keepHistory('hold-expired', run);
    await weir.land(HOUR, baskets(1, 10));
    const next = await (await weir.run('hourly', { asOf: AS_OF })).result();
    expect(next.models['stg_transactions']).toMatchObject({ state: 'published', rows: 9 });
    expect(await silverRows()).toBe(9);
  });

  it('after its hold expired is reset to the event it names: the gate is asked again, nothing is loaded again', async () => {
    const { run, verdictId: first } = await holdOneHour('1s');
    const failure: unknown = await run.result().catch((error: unknown) => error);
    const named =
      failure instanceof WorkflowFailedError
        ? /reset this run to event (\d+)/.exec(failure.cause?.message ?? '')
        : null;
    await resetTo(run, Number(named?.[1]));
    const verdictId = await weir.heldVerdict('stg_transactions', first);
    await decide(run, 'overrideGate', verdictId);
    await run.result();
    expect(await silverRows()).toBe(9);
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from control.load where model = 'stg_transactions'`.execute(
      weir.database.admin,
    );
    expect(rows).toEqual([{ n: 1 }]);
    await keepHistory('reset', run);
  });

  it('two runs of one pipeline at once publish every row once', async () => {
    await startWithDimensions();
    await weir.land(HOUR, baskets(1, 9));
    const runs = await Promise.all([
      weir.run('hourly', { asOf: AS_OF }),
      weir.run('hourly', { asOf: AS_OF }),
    ]);
    const results = await Promise.all(runs.map((run) => run.result()));
    const rows = results.map(({ models }) => models['stg_transactions']?.rows ?? 0);
    expect(rows.reduce((sum, one) => sum + one, 0)).toBe(8);
    expect(await silverRows()).toBe(8);
    expect(await goldSales()).toBe('40.00');
  });
});

describe('a run that cannot start', () => {
  it('says what is wrong with its input, and pages nobody', async () => {
    weir = await testWeir();
    const run = await weir.run('hourly', { asOf: 'yesterday' });
    await expect(run.result()).rejects.toMatchObject({
      cause: { type: 'InvalidInput', message: expect.stringContaining('asOf is "yesterday"') },
    });
    expect(await weir.incidents()).toEqual([]);
  });

  it('says which models there are when one is misspelt, and pages nobody', async () => {
    weir = await testWeir();
    const run = await weir.run('hourly', { models: ['stg_transaction'] });
    const failure: unknown = await run.result().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      cause: { cause: { message: expect.stringContaining('stg_transaction') } },
    });
    expect(await weir.incidents()).toEqual([]);
  });
});

/** The event to reset to so that the run does a station, and all that follows, again. */
async function taskBefore(run: Run, station: string): Promise<number> {
  const { events } = await run.fetchHistory();
  const scheduled = (events ?? []).find(
    ({ activityTaskScheduledEventAttributes: attributes }) => attributes?.activityType?.name === station,
  );
  return Number(scheduled?.activityTaskScheduledEventAttributes?.workflowTaskCompletedEventId ?? 0);
}

/** Resets as the Temporal UI does by default: signals and updates of the old run are applied again. */
async function resetTo(run: Run, eventId: number): Promise<void> {
  const { client, namespace } = weir.temporal;
  await client.workflowService.resetWorkflowExecution({
    namespace,
    workflowExecution: { workflowId: run.workflowId, runId: (await run.describe()).runId },
    workflowTaskFinishEventId: Long.fromNumber(eventId),
    requestId: crypto.randomUUID(),
    reason: 'test',
    resetReapplyType: ResetReapplyType.RESET_REAPPLY_TYPE_ALL_ELIGIBLE,
  });
}
