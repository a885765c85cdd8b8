import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDecide, type DecideInput } from '../../activities/decide.ts';
import { lookAtTurn } from '../../activities/look/turn.ts';
import { asOf, openShop, runOf, type Shop } from './shop.ts';

const model = 'stg_transactions';
const verdictId = '6f7f9a50-0000-4000-8000-000000000001';
const [interval, scheduled] = [runOf('backfill/first'), runOf('scheduled')];

let shop: Shop;
let loadId: number;
beforeEach(async () => {
  shop = await openShop();
  await shop.land([{ id: 'a' }], { file: 'one' });
  loadId = await opened(true);
  await shop.stage({ loadId, run: interval });
  await shop.hold({ loadId, model, verdictId, run: interval });
});
afterEach(async () => {
  await shop.database.drop();
});

async function opened(yields: boolean): Promise<number> {
  const load = await shop.open({ model, pipeline: 'hourly', asOf, run: interval, yields });
  if (load.state === 'held') throw new Error('held');
  return load.loadId;
}

function wait() {
  return expect(
    shop.open({ model, pipeline: 'hourly', asOf, run: scheduled }),
    'the lease is not free',
  ).rejects.toMatchObject({ type: 'LeaseBusy' });
}

function look() {
  return lookAtTurn(shop.database.databases, { model, loadId, run: interval });
}

function decide(more: Partial<DecideInput> = {}) {
  const said = { verdictId, decision: 'retryGate', reason: 'mended', by: 'test' } as const;
  const input: DecideInput = { ...said, model, loadId, run: interval, yields: true, ...more };
  return createDecide({ databases: shop.database.databases }).decide(input);
}

async function standing(): Promise<unknown> {
  const { rows } = await sql`
    select load.state as load, lease.state as lease, lease.workflow_id as owner,
      (select count(*)::int from pg_tables where schemaname = 'candidate') as candidates,
      (select count(*)::int from control.decision) as decisions
    from control.load left join control.lease using (model) where load.load_id = ${loadId}`.execute(
    shop.admin,
  );
  return rows[0];
}

async function away(): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from control.load where gave_way_at is not null`.execute(shop.admin);
  return rows[0]?.n ?? -1;
}

const HELD = { load: 'staged', lease: 'held', owner: interval.workflowId, candidates: 1, decisions: 0 };
const GIVEN = { load: 'abandoned', lease: null, owner: null, candidates: 0, decisions: 0 };

describe('a hold of a run that gives way', () => {
  test('keeps its model while nobody waits', async () => {
    expect(await look()).toBeNull();
    expect(await standing()).toEqual(HELD);
  });

  test('gives it to who waits, with what was staged, and says so again to who asks again', async () => {
    await wait();
    expect(await look()).toContain('given to scheduled');
    expect(await standing()).toEqual(GIVEN);
    expect(await look()).toContain('given to another run');
    expect(await shop.open({ model, pipeline: 'hourly', asOf, run: scheduled })).toMatchObject({
      state: 'open',
    });
    expect(await look()).toContain('given to scheduled');
  });

  test('keeps it where who waited has not asked for a while', async () => {
    await wait();
    await sql`update control.lease_wanted set wanted_at = now() - interval '6 seconds'`.execute(shop.admin);
    expect(await look()).toBeNull();
    expect(await standing()).toEqual(HELD);
  });

  test('keeps it once somebody has decided, until it is held again', async () => {
    await wait();
    expect(await decide()).toEqual({});
    expect(await look()).toBeNull();
    expect(await standing()).toEqual({ ...HELD, lease: 'running', decisions: 1 });
    await shop.hold({ loadId, model, verdictId, run: interval });
    expect(await look()).toContain('given to scheduled');
  });

  test('is not given away by a look that wakes after its run was reset', async () => {
    await wait();
    const reset = { ...interval, runId: 'reset' };
    await shop.open({ model, pipeline: 'hourly', asOf, run: reset, yields: true });
    await look();
    expect(await standing()).toMatchObject({ lease: 'running', owner: interval.workflowId });
  });
});

describe('a decision that comes when the model was given away', () => {
  beforeEach(async () => {
    await wait();
    await look();
  });

  test('is not written down: it waits for the turn', async () => {
    expect(await decide()).toEqual({ given: true });
    expect(await standing()).toEqual(GIVEN);
  });

  test('to abandon the batch needs no turn', async () => {
    expect(await away()).toBe(1);
    expect(await decide({ decision: 'abandon' })).toEqual({});
    expect(await standing()).toEqual({ ...GIVEN, decisions: 1 });
    await shop.release({ model, run: interval, loadId, outcome: 'abandoned' });
    // Whose batch was given up does not come back: the next load that passes answers for it.
    expect(await away()).toBe(0);
  });

  test('of a run that gives way to nobody is written down as ever', async () => {
    expect(await decide({ yields: false })).toEqual({});
    expect(await standing()).toEqual({ ...GIVEN, decisions: 1 });
  });
});
