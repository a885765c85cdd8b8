import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPublish } from '../../activities/publish.ts';
import type { Published, PublishInput } from '../../activities/publish.ts';
import type { Gate } from '../../expectations/verdict.ts';
import { folders, openShop, runOf } from '../activities/shop.ts';
import type { Shop } from '../activities/shop.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(async () => {
  await shop.database.drop();
});

const run = runOf('monday');
const [pass, fail] = ['6f7f9a50-0000-4000-8000-000000000001', '6f7f9a50-0000-4000-8000-000000000002'];

/** The station itself: the shop's lets everything through. */
function publish(input: PublishInput): Promise<Published> {
  return createPublish({ databases: shop.database.databases, folders }).publish(input);
}

async function staged(): Promise<PublishInput> {
  await shop.land([{ id: 'a' }], { file: 'one' });
  const { loadId } = await shop.openWindow('stg_transactions', run);
  const { attempt } = await shop.stage({ loadId, run });
  return { loadId, run, attempt };
}

interface Said {
  readonly verdictId?: string;
  readonly outcome?: 'pass' | 'fail' | 'error';
  readonly blocks?: boolean | null;
  readonly attempt?: number | null;
}

/** What a gate said; that it passes when nothing else is given. */
async function say({ loadId }: PublishInput, gate: Gate, said: Said = {}): Promise<void> {
  const { verdictId = pass, outcome = 'pass', blocks = outcome !== 'pass', attempt = 1 } = said;
  await shop.admin
    .insertInto('control.gate_run')
    .values({
      verdict_id: verdictId,
      load_id: loadId,
      model: 'stg_transactions',
      gate,
      suite: 'transactions',
      suite_hash: '',
      outcome,
      rows_checked: 1,
      expectations_evaluated: 1,
      expectations_failed: outcome === 'pass' ? 0 : 1,
      blocks,
      attempt,
      as_of: '2017-01-31T00:00:00Z',
      workflow_id: run.workflowId,
      run_id: run.runId,
    })
    .execute();
}

async function decide({ loadId }: PublishInput, decision: 'overrideGate' | 'retryGate'): Promise<void> {
  await shop.admin
    .insertInto('control.decision')
    .values({
      verdict_id: fail,
      decision,
      reason: 'a reason',
      decided_by: 'somebody',
      model: 'stg_transactions',
      load_id: loadId,
      workflow_id: run.workflowId,
      run_id: run.runId,
    })
    .execute();
}

async function refused(load: PublishInput, why: RegExp): Promise<void> {
  await expect(publish(load)).rejects.toMatchObject({ type: 'StaleAttempt', nonRetryable: true });
  await expect(publish(load)).rejects.toThrow(why);
  expect(await shop.silver()).toEqual([]);
  expect((await shop.ledger(load.loadId)).state).toBe('staged');
}

describe('invariant 2: publish asks for the verdicts itself', () => {
  test('a load that both gates let through is published', async () => {
    const load = await staged();
    await say(load, 'input', { attempt: 0 });
    await say(load, 'output');
    expect(await publish(load)).toMatchObject({ state: 'published', inserted: 1 });
  });

  test('one whose gates nobody has asked is refused, and says which', async () => {
    const load = await staged();
    await refused(load, /its input gate \(suite transactions\) has given no verdict about this load/);
    await say(load, 'input');
    await refused(
      load,
      /its output gate \(suite stg_transactions\) has given no verdict about stage attempt 1/,
    );
  });

  test('a pass of another stage’s candidate, or of another load, counts for nothing', async () => {
    const load = await staged();
    await say(load, 'input');
    await say(load, 'output');
    const again = await shop.stage({ loadId: load.loadId, run });
    await refused({ ...load, attempt: again.attempt }, /output gate .* no verdict about stage attempt 2/);
    const next = await shop.openWindow('stg_transactions', run, { replaces: load.loadId });
    const { attempt } = await shop.stage({ loadId: next.loadId, run });
    await refused({ loadId: next.loadId, run, attempt }, /input gate .* no verdict about this load/);
  });

  test.each(['fail', 'error'] as const)(
    'a gate that said %s holds until somebody answers for it by name',
    async (outcome) => {
      const load = await staged();
      await say(load, 'input');
      await say(load, 'output', { verdictId: fail, outcome });
      await refused(load, new RegExp(`said ${outcome}, verdict ${fail}, and nobody has answered for it`));
      const override = { verdictId: fail };
      await refused({ ...load, override }, /nobody has answered for it/);
      await decide(load, 'retryGate');
      await refused({ ...load, override }, /nobody has answered for it/);
      await decide(load, 'overrideGate');
      await refused(load, /nobody has answered for it/); // The run itself says nothing of an override.
      expect(await publish({ ...load, override })).toMatchObject({ state: 'published' });
    },
  );

  test('the last verdict counts: neither a pass before a failure, nor a failure before a pass', async () => {
    const load = await staged();
    await say(load, 'input', { verdictId: fail, outcome: 'fail' });
    await say(load, 'input');
    await say(load, 'output');
    await say(load, 'output', { verdictId: fail, outcome: 'fail' });
    await refused(load, /output gate .* said fail/);
    await say(load, 'output');
    expect(await publish(load)).toMatchObject({ state: 'published' });
  });

  test('what fails and may go on goes on', async () => {
    const load = await staged();
    await say(load, 'input', { outcome: 'fail', blocks: false });
    await say(load, 'output');
    expect(await publish(load)).toMatchObject({ state: 'published' });
  });

  test('what an earlier version judged, it judged after its stage, and it held what failed', async () => {
    const load = await staged();
    await say(load, 'input', { blocks: null, attempt: null });
    await say(load, 'output', { verdictId: fail, outcome: 'fail', blocks: null, attempt: null });
    await refused(load, /output gate .* said fail/);
    await say(load, 'output', { blocks: null, attempt: null });
    const again = await shop.stage({ loadId: load.loadId, run });
    await refused({ ...load, attempt: again.attempt }, /no verdict about stage attempt 2/);
    await say(load, 'output', { blocks: null, attempt: null });
    expect(await publish({ ...load, attempt: again.attempt })).toMatchObject({ state: 'published' });
  });

  test('an empty window has no gates', async () => {
    const { loadId, empty } = await shop.openWindow('stg_transactions', run);
    expect(empty).toBe(true);
    expect(await publish({ loadId, run, attempt: 0 })).toMatchObject({ state: 'empty' });
  });
});
