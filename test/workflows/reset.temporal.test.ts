import { sql } from 'kysely';
import Long from 'long';
import proto from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { choosePoint } from '../../cli/reset/choose-point.ts';
import { readPoints } from '../../cli/reset/points.ts';
import { resetRun } from '../../cli/reset/reset-run.ts';
import { workflowBundle } from '../../workers/bundle.ts';
import { decisionUpdates } from '../../workflows/decisions.ts';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { sayOf } from '../setup/say-of.ts';
import { firstVerdict, testWeir, type Run, type TestWeir } from '../setup/weir.ts';

const { ResetReapplyType } = proto.temporal.api.enums.v1;

const HOUR = 'transactions/2017-01-02T08.jsonl';
const MOVEMENTS = 'pos_events/2017-01-02T08.jsonl';
const MOVEMENT = { store_id: 'STORE_00001', sku: '1', quantity_change: -1, event_ts: '2017-01-02T08:15:00Z' };
const OVER_LIMIT = basket(9, { total_amount: '100000.01' });
const GATE = 'gate stg_transactions';

let weir: TestWeir;
let weirSays: Awaited<ReturnType<typeof sayOf>>;
beforeEach(async () => {
  weir = await testWeir();
  weirSays = await sayOf(weir);
  await weir.loadDimensions();
});
afterEach(async () => {
  await weir.close();
});

async function eventOf(run: Run, step: string, runId: string): Promise<number> {
  const chosen = choosePoint(
    await readPoints(weir.temporal.client, { workflowId: run.workflowId, runId }),
    step,
  );
  if ('problem' in chosen) throw new Error(chosen.problem);
  return chosen.point.eventId;
}

/** As `weir reset` does: no update of the old run is applied again. */
async function resetTo(run: Run, step: string): Promise<void> {
  const { runId } = await run.describe();
  const to = { eventId: await eventOf(run, step, runId), reason: 'test' };
  await resetRun(weir.temporal.client, { workflowId: run.workflowId, runId }, to);
}

/** As the Temporal UI does unless it is told otherwise: what the old run was sent is applied again. */
async function resetInUi(run: Run, step: string, of?: string): Promise<void> {
  const runId = of ?? (await run.describe()).runId;
  const { client, namespace } = weir.temporal;
  await client.workflowService.resetWorkflowExecution({
    namespace,
    workflowExecution: { workflowId: run.workflowId, runId },
    workflowTaskFinishEventId: Long.fromNumber(await eventOf(run, step, runId)),
    requestId: crypto.randomUUID(),
    reason: 'test',
    resetReapplyType: ResetReapplyType.RESET_REAPPLY_TYPE_ALL_ELIGIBLE,
  });
}

async function countOf(table: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(
    weir.database.admin,
  );
  return rows[0]?.n ?? -1;
}

/** States of the loads of a model, in order. */
async function loadsOf(model: string): Promise<readonly string[]> {
  const rows = await weir.database.admin
    .selectFrom('control.load')
    .select('state')
    .where('model', '=', model)
    .orderBy('load_id')
    .execute();
  return rows.map(({ state }) => state);
}

async function incidentStates(): Promise<readonly string[]> {
  return (await weir.incidents()).map(({ status }) => status);
}

async function decide(run: Run, name: keyof typeof decisionUpdates, verdictId: string): Promise<void> {
  const reason = 'a test decides this';
  await run.executeUpdate(decisionUpdates[name], { args: [{ verdictId, reason, by: 'test' }] });
}

/** A run that is held at the input gate of stg_transactions, its other branch published. */
async function heldRun(holdFor?: string): Promise<{ readonly run: Run; readonly verdictId: string }> {
  await weir.land(HOUR, [...baskets(1, 9), OVER_LIMIT]);
  await weir.land(MOVEMENTS, [MOVEMENT]);
  const run = await weir.run('hourly', { asOf: AS_OF, holdFor: holdFor ?? '1h' });
  const verdictId =
    holdFor === undefined
      ? await weir.heldVerdict('stg_transactions')
      : await firstVerdict(weir, 'stg_transactions');
  await until(async () => (await countOf('silver.stg_pos_events')) === 1, {
    what: 'the other branch is published',
    timeoutMs: 60_000,
  });
  return { run, verdictId };
}

describe('a reset', () => {
  it('does a gate again and loads nothing twice; one incident stays, until the gate passes', async () => {
    const { run, verdictId } = await heldRun();
    await until(async () => (await incidentStates()).length === 1, {
      what: 'the hold is paged',
      timeoutMs: 60_000,
    });
    const listed = await weirSays('reset', run.workflowId);
    expect(listed).toMatchObject({ code: 0, err: '' });
    expect(listed.out).toMatch(/^plan hourly load +event \d+/);
    expect(listed.out).toContain('extract raw_transactions');
    expect(listed.out).toMatch(/publish stg_pos_events +event/);
    const dry = await weirSays('reset', run.workflowId, '--to', GATE, '--dry-run', '--json');
    const [planned]: unknown[] = JSON.parse(dry.out);
    expect(planned).toMatchObject({ point: { step: `${GATE} · input` }, newRunId: null, left: null });
    expect((await run.describe()).status.name).toBe('RUNNING');

    const said = await weirSays('reset', run.workflowId, '--to', GATE, '--reason', 'the limit was raised');
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(said.out).toContain(`reset ${run.workflowId} (running) to ${GATE} · input (event `);
    const again = await weir.heldVerdict('stg_transactions', verdictId);
    await expect(decide(run, 'overrideGate', verdictId)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('does not stand (any more)') },
    });
    expect(await incidentStates()).toEqual(['triggered']);
    await weir.land(HOUR, baskets(1, 9));
    await decide(run, 'reloadAndRetry', again);
    expect((await run.result()).models['stg_transactions']).toMatchObject({ state: 'published', rows: 8 });
    expect(await countOf('silver.stg_pos_events')).toBe(1);
    expect((await loadsOf('stg_pos_events')).filter((state) => state === 'published')).toHaveLength(1);
    await until(async () => (await incidentStates()).join() === 'resolved', {
      what: 'it is resolved',
      timeoutMs: 60_000,
    });
  });

  it('of a run that went on does not publish again, and resolves or reopens nothing', async () => {
    const { run, verdictId } = await heldRun();
    await decide(run, 'overrideGate', verdictId);
    await run.result();
    await until(async () => (await incidentStates()).join() === 'resolved', {
      what: 'it is resolved',
      timeoutMs: 60_000,
    });
    const { runId } = await run.describe();
    for (const step of [
      `${GATE} · input`,
      'stage stg_transactions',
      `${GATE} · output`,
      'publish stg_tran',
    ]) {
      await resetInUi(run, step, runId);
      expect((await run.result()).models['stg_transactions']).toMatchObject({ state: 'published', rows: 9 });
      expect(await loadsOf('stg_transactions')).toEqual(['published']);
    }
    expect(await countOf('silver.stg_transactions')).toBe(9);
    expect(await incidentStates()).toEqual(['resolved']);
  });

  it.each([
    ['weir reset', resetTo],
    ['the Temporal UI, which applies old updates again', resetInUi],
  ])('by %s replays no old decision', async (_, reset) => {
    const { run, verdictId } = await heldRun();
    await decide(run, 'retryGate', verdictId);
    await until(() => twice(verdictId), { what: 'it is asked again', timeoutMs: 60_000 });
    // The same finding keeps its verdict within a run; over a reset it does not.
    await sql`alter table silver.stg_transactions add column unknown int`.execute(weir.database.admin);
    await decideWhenTaken(run, 'overrideGate', verdictId);
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'RunFailed' } });
    await sql`alter table silver.stg_transactions drop column unknown`.execute(weir.database.admin);

    await reset(run, GATE);
    const held = await weir.heldVerdict('stg_transactions', verdictId);
    expect(held).not.toBe(verdictId);
    expect(await countOf('silver.stg_transactions')).toBe(0);
    await decide(run, 'abandon', held);
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'Abandoned' } });
  });

  it('while a gate is held that was asked twice gives it another verdict', async () => {
    const { run, verdictId } = await heldRun();
    await decide(run, 'retryGate', verdictId);
    await until(() => twice(verdictId), { what: 'it is asked again', timeoutMs: 30_000 });
    await resetInUi(run, GATE);
    const held = await weir.heldVerdict('stg_transactions', verdictId);
    await decide(run, 'abandon', held);
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'Abandoned' } });
  });

  it('of a source that could not be extracted goes on, and resolves the incident of the failure', async () => {
    await sql`alter table operational.products rename to away`.execute(weir.database.admin);
    const run = await weir.run('daily');
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'RunFailed' } });
    await until(async () => (await incidentStates()).join() === 'triggered', {
      what: 'it is paged',
      timeoutMs: 60_000,
    });
    await sql`alter table operational.away rename to products`.execute(weir.database.admin);
    const said = await weirSays('reset', run.workflowId, '--to', 'extract raw_products');
    expect(said).toMatchObject({ code: 0, err: '' });
    expect((await run.result()).models['dim_products']).toMatchObject({ state: expect.any(String) });
    await until(async () => (await incidentStates()).join() === 'resolved', {
      what: 'it is resolved',
      timeoutMs: 60_000,
    });
    // A replay is not told which run it is.
    await Worker.runReplayHistory(
      { workflowBundle: await workflowBundle() },
      await run.fetchHistory(),
      run.workflowId,
    );
    await keepHistory('reset-failed-extract', run);
  });

  it('works at every point of a run that goes on, one after the other', async () => {
    const held = await heldRun();
    const { run } = held;
    let { verdictId } = held;
    const steps = [GATE, 'open stg_transactions', 'extract raw_transactions', 'plan'];
    for (const step of steps) {
      const { runId } = await run.describe();
      await resetTo(run, step);
      expect((await run.describe()).runId).not.toBe(runId);
      verdictId = await weir.heldVerdict('stg_transactions', verdictId);
    }
    await until(async () => (await incidentStates()).length > 0, { what: 'it is paged', timeoutMs: 60_000 });
    expect(await incidentStates()).toEqual(['triggered']);
    await weir.land(HOUR, baskets(1, 9));
    await decide(run, 'reloadAndRetry', verdictId);
    expect((await run.result()).models['stg_transactions']).toMatchObject({ state: 'published', rows: 8 });
    expect(await countOf('silver.stg_pos_events')).toBe(1);
    expect((await loadsOf('stg_transactions')).filter((state) => state === 'published')).toHaveLength(1);
  });
});

describe('weir reset --query', () => {
  it('resets many failed runs, tells of those it leaves, and does nothing before it is told to', async () => {
    const { run } = await heldRun('1s');
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'GateHeld' } });
    await sql`alter table silver.stg_pos_events add column unknown int`.execute(weir.database.admin);
    await weir.land('pos_events/2017-01-02T09.jsonl', [MOVEMENT]);
    const other = await weir.run('hourly', { asOf: AS_OF, models: ['stg_pos_events'] });
    await expect(other.result()).rejects.toMatchObject({ cause: { type: 'RunFailed' } });
    const query = `TaskQueue="${weir.settings.taskQueue}" AND WeirPipeline="hourly" AND ExecutionStatus="Failed"`;
    const reset = (...more: string[]) => weirSays('reset', '--query', query, '--to', GATE, ...more);
    const dry = await until(
      async () => {
        const said = await reset();
        return said.out.includes(run.workflowId) && said.out.includes(other.workflowId) && said;
      },
      { what: 'both are found', timeoutMs: 60_000 },
    );
    expect(dry.code).toBe(2);
    expect(dry.err).toContain('nothing was reset: --yes does it');
    expect(dry.out).toContain(`reset ${run.workflowId} (failed) to ${GATE} · input`);
    expect(dry.out).toContain(`left  ${other.workflowId} (failed): it has no step "${GATE}"`);
    expect((await run.describe()).status.name).toBe('FAILED');

    const done = await reset('--yes', '--json');
    expect(done.code).toBe(2);
    const runs: readonly { readonly newRunId: string | null; readonly link: string }[] = JSON.parse(done.out);
    const carriedOn = runs.filter(({ newRunId }) => newRunId !== null);
    expect(carriedOn).toHaveLength(1);
    expect(carriedOn[0]?.link).toContain(`${run.workflowId}/${carriedOn[0]?.newRunId}`);
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'GateHeld' } });
    // What was reset before is past: only the run that carried on is taken again.
    const again = await until(
      async () => {
        const said = await reset('--json');
        const found: readonly { readonly left: string | null }[] = JSON.parse(said.out);
        return found.length === 3 && found;
      },
      { what: 'three failed runs are found', timeoutMs: 60_000 },
    );
    expect(again.map(({ left }) => left)).toContain('another run of this workflow has taken its place');
  });

  it.each([
    [['reset'], 'name a run, or give --query'],
    [['reset', '--query', 'x'], '--query needs --to'],
    [['reset', '--query', 'NoSuch="x"', '--to', 'gate'], 'the server cannot use this query'],
    [['reset', 'no-such-run', '--to', 'gate'], 'there is no run no-such-run'],
  ])('%j is refused with its mend', async (args, message) => {
    expect(await weirSays(...args)).toMatchObject({ code: 3, err: expect.stringContaining(message) });
  });
});

/** Whether a verdict came of two evaluations. */
async function twice(verdictId: string): Promise<boolean> {
  const rows = await weir.database.admin
    .selectFrom('control.gate_run')
    .select('evaluation_id')
    .where('verdict_id', '=', verdictId)
    .execute();
  return rows.length > 1;
}

/** A decision is taken once the one before has come to its end. */
async function decideWhenTaken(
  run: Run,
  name: keyof typeof decisionUpdates,
  verdictId: string,
): Promise<void> {
  await until(() => decide(run, name, verdictId).then(() => true), {
    what: 'it is decided',
    timeoutMs: 30_000,
  });
}
