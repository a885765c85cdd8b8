import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decisionUpdates, type DecisionInput, type DecisionName } from '../../workflows/decisions.ts';
import { gateState } from '../../workflows/search-attributes.ts';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { addExpectation } from '../setup/suite-file.ts';
import { setTrap } from '../setup/trap.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';

const HOUR = 'transactions/2017-01-02T08.jsonl';
const MODEL = 'stg_transactions';
const OVER_LIMIT = basket(9, { total_amount: '100000.01' });
const MOVEMENTS = 'pos_events/2017-01-02T08.jsonl';
const MOVEMENT = { store_id: 'STORE_00001', sku: '1', quantity_change: -1, event_ts: '2017-01-02T08:15:00Z' };
const NAMES = [
  'retryGate',
  'reloadAndRetry',
  'overrideGate',
  'quarantineAndContinue',
  'abandon',
] as const satisfies readonly DecisionName[];
const WHY = { reason: 'two real wholesale orders', by: 'Ada' };

let weir: TestWeir;
beforeEach(async () => {
  weir = await testWeir({ ownFiles: true });
  await weir.loadDimensions();
});
afterEach(async () => {
  await weir.close();
});

function send(run: Run, name: DecisionName, input: DecisionInput): Promise<unknown> {
  return run.executeUpdate(decisionUpdates[name], { args: [input] });
}

function refusal(message: string | RegExp) {
  return { cause: { message: expect.stringMatching(message) } };
}

async function decisions(): Promise<readonly string[]> {
  const rows = await weir.database.admin
    .selectFrom('control.decision')
    .select('decision')
    .orderBy('decision_id')
    .execute();
  return rows.map(({ decision }) => decision);
}

async function silver(): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from silver.stg_transactions`.execute(
    weir.database.admin,
  );
  return rows[0]?.n ?? -1;
}

async function holdOneHour(): Promise<{ run: Run; verdictId: string }> {
  await weir.land(HOUR, [...baskets(1, 9), OVER_LIMIT]);
  const run = await weir.run('hourly', { asOf: AS_OF });
  return { run, verdictId: await weir.heldVerdict(MODEL) };
}

describe('a decision', { timeout: 120_000 }, () => {
  it('is refused by every update for what it says, and leaves no trace of itself', async () => {
    const { run, verdictId } = await holdOneHour();
    const stale = crypto.randomUUID();
    for (const name of NAMES) {
      await expect(send(run, name, { verdictId: stale, ...WHY })).rejects.toMatchObject(
        refusal(new RegExp(`verdict ${stale} does not stand.*what is held now: .*${verdictId}`)),
      );
      await expect(send(run, name, { verdictId, reason: ' ', by: 'Ada' })).rejects.toMatchObject(
        refusal('reason needs'),
      );
    }
    await expect(send(run, 'overrideGate', { verdictId, reason: WHY.reason })).rejects.toMatchObject(
      refusal('by is missing'),
    );
    expect(await decisions()).toEqual([]);
    expect(await weir.heldVerdict(MODEL)).toBe(verdictId);
    await send(run, 'abandon', { verdictId, ...WHY });
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'Abandoned' } });
  });

  it('is written down before it acts, and no second one is taken meanwhile', async () => {
    const { run, verdictId } = await holdOneHour();
    const trap = await setTrap(weir, 'decide');
    await send(run, 'overrideGate', { verdictId, ...WHY });
    await trap.caught();
    for (const name of NAMES)
      await expect(send(run, name, { verdictId, ...WHY })).rejects.toMatchObject(
        refusal('overrideGate by Ada is being carried out'),
      );
    expect(await silver()).toBe(0);
    expect(await decisions()).toEqual([]);
    await trap.open();
    await run.result();
    expect(await silver()).toBe(9);
    expect(await decisions()).toEqual(['overrideGate']);
  });

  it('is refused while no gate is held', async () => {
    await weir.land(HOUR, baskets(1, 9));
    const trap = await setTrap(weir, 'stage');
    const run = await weir.run('hourly', { asOf: AS_OF });
    await trap.caught();
    for (const name of NAMES)
      await expect(send(run, name, { verdictId: crypto.randomUUID(), ...WHY })).rejects.toMatchObject(
        refusal('no gate of this run is held now'),
      );
    await trap.open();
    await run.result();
  });
});

describe('an override', { timeout: 120_000 }, () => {
  it('is seen in the summary, the details, the result, the ledger and the incident, one for each gate', async () => {
    await addExpectation(weir, MODEL, {
      type: 'expect_table_row_count_to_be_between',
      kwargs: { min_value: 100 },
      severity: 'critical',
    });
    const { run, verdictId: input } = await holdOneHour();
    await send(run, 'overrideGate', { verdictId: input, ...WHY });
    const output = await weir.heldVerdict(MODEL, input);
    await send(run, 'overrideGate', { verdictId: output, reason: 'a quiet hour, says the owner', by: 'Bea' });
    const { models } = await run.result();
    const overrides = [
      { gate: 'input', verdictId: input, by: 'Ada', reason: WHY.reason },
      { gate: 'output', verdictId: output, by: 'Bea', reason: 'a quiet hour, says the owner' },
    ];
    expect(models[MODEL]).toMatchObject({ state: 'published', overrides });
    expect(models['fct_daily_sales']).not.toHaveProperty('overrides');
    const { events } = await run.fetchHistory();
    const summaries = (events ?? []).map(({ userMetadata }) =>
      Buffer.from(userMetadata?.summary?.data ?? []).toString(),
    );
    expect(summaries).toContain('"publish stg_transactions · 9 rows · OVERRIDDEN by Ada and Bea"');
    const metadata = JSON.stringify(await run.query('__temporal_workflow_metadata'));
    expect(metadata).toContain('OVERRIDDEN by Ada and Bea · input gate: two real wholesale orders');
    const { rows } = await sql<{ overrides: readonly object[] }>`
      select overrides from control.ledger where model = ${MODEL} and state = 'published'`.execute(
      weir.database.admin,
    );
    expect(rows).toMatchObject([{ overrides }]);
    await until(
      async () => {
        const incidents = await weir.incidents();
        return incidents.length === 2 && incidents.every(({ status }) => status === 'resolved');
      },
      { what: 'both incidents are resolved', timeoutMs: 60_000 },
    );
    const texts = (await weir.incidents()).map(({ text }) => text).join();
    for (const { by, reason } of overrides) expect(texts).toContain(`overrideGate by ${by}: ${reason}`);
  });
});

describe('a hold over runs', { timeout: 120_000 }, () => {
  it('what depends on it waits, later runs leave both and do the rest, and the released run takes every row once', async () => {
    const { run, verdictId } = await holdOneHour();
    for (const hour of [9, 10]) {
      await weir.land(`transactions/2017-01-02T${hour}.jsonl`, baskets(hour * 10, hour * 10 + 2));
      await weir.land(`pos_events/2017-01-02T${hour}.jsonl`, [{ ...MOVEMENT, quantity_change: -hour }]);
      const { models } = await (await weir.run('hourly', { asOf: AS_OF })).result();
      expect(models[MODEL]?.reason).toMatch(new RegExp(`^held by ${run.workflowId} since 2\\d{3}-`));
      expect(models['fct_daily_sales']).toMatchObject({ state: 'left' });
      expect(models['stg_pos_events']).toMatchObject({ state: 'published', rows: 1 });
    }
    await until(async () => (await run.describe()).typedSearchAttributes.get(gateState) === 'held', {
      what: 'it is shown as held',
      timeoutMs: 60_000,
    });
    await until(async () => (await weir.incidents()).length > 0, {
      what: 'on-call is told',
      timeoutMs: 60_000,
    });
    expect(await weir.incidents()).toHaveLength(1);
    await weir.land(HOUR, baskets(1, 10));
    await send(run, 'reloadAndRetry', { verdictId, ...WHY });
    const { models } = await run.result();
    expect(models[MODEL]).toMatchObject({ state: 'published', rows: 13 });
    expect(models['fct_daily_sales']?.state).toBe('published');
    const { rows } = await sql`
      select count(*)::int as rows, count(distinct transaction_id)::int as ids from silver.stg_transactions`.execute(
      weir.database.admin,
    );
    expect(rows).toEqual([{ rows: 13, ids: 13 }]);
    const next = await (await weir.run('hourly', { asOf: AS_OF })).result();
    expect(next.models[MODEL]?.state).toBe('empty');
  });

  it('two models that one run holds are decided apart; what was released as it was leaves the later hours to the next run', async () => {
    await weir.land(MOVEMENTS, [{ ...MOVEMENT, sku: null }]);
    const { run, verdictId } = await holdOneHour();
    const movements = await weir.heldVerdict('stg_pos_events');
    await weir.land('transactions/2017-01-02T09.jsonl', baskets(20, 22));
    const later = await (await weir.run('hourly', { asOf: AS_OF })).result();
    expect([later.models[MODEL]?.state, later.models['stg_pos_events']?.state]).toEqual([
      'heldElsewhere',
      'heldElsewhere',
    ]);
    await send(run, 'overrideGate', { verdictId, ...WHY });
    await until(async () => (await silver()) === 9, { what: 'the one is published', timeoutMs: 60_000 });
    expect(await weir.heldVerdict('stg_pos_events')).toBe(movements);
    const next = await (await weir.run('hourly', { asOf: AS_OF })).result();
    expect(next.models[MODEL]).toMatchObject({ state: 'published', rows: 2 });
    expect(next.models['stg_pos_events']?.state).toBe('heldElsewhere');
    await send(run, 'abandon', { verdictId: movements, ...WHY });
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'Abandoned' } });
  });
});
