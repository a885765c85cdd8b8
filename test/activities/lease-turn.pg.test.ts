import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunRef } from '../../activities/run-ref.ts';
import { asOf, openShop, runOf } from './shop.ts';
import type { Shop } from './shop.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(async () => {
  await shop.database.drop();
});

const model = 'stg_transactions';
const [first, second] = [runOf('backfill/first'), runOf('backfill/second')];
const [scheduled, byHand] = [runOf('scheduled'), runOf('by-hand')];

function open(run: RunRef, yields: boolean, more: { readonly leavesHeld?: true } = {}) {
  return shop.open({ model, pipeline: 'hourly', asOf, run, ...(yields ? { yields } : {}), ...more });
}

/** Loads until its end what a run has open, so that its lease is free. */
async function finish(run: RunRef): Promise<void> {
  await shop.release({ model, run, outcome: 'abandoned' });
}

async function wishes(): Promise<readonly string[]> {
  const rows = await shop.admin
    .selectFrom('control.lease_wanted')
    .select('workflow_id')
    .orderBy('workflow_id')
    .execute();
  return rows.map(({ workflow_id }) => workflow_id);
}

const busy = { type: 'LeaseBusy', nonRetryable: false };

describe('a run that waits for what a backfill loads', () => {
  test('has the lease before the next interval, though that asks first', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    await open(first, true);
    await expect(open(scheduled, false)).rejects.toMatchObject(busy);
    expect(await wishes()).toEqual(['scheduled']);
    await finish(first);
    await expect(open(second, true)).rejects.toMatchObject({
      ...busy,
      message: expect.stringContaining('wanted by scheduled'),
    });
    expect(await open(scheduled, false)).toMatchObject({ state: 'open' });
    expect(await wishes()).toEqual([]);
    await finish(scheduled);
    expect(await open(second, true)).toMatchObject({ state: 'open' });
  });

  test('keeps its wish while another such run is served', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    await open(first, true);
    await expect(open(scheduled, false)).rejects.toMatchObject(busy);
    await expect(open(byHand, false)).rejects.toMatchObject(busy);
    await finish(first);
    await open(scheduled, false);
    expect(await wishes()).toEqual(['by-hand']);
    await finish(scheduled);
    await expect(open(second, true)).rejects.toMatchObject(busy);
  });

  test('and has ended since keeps nobody waiting', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    await open(first, true);
    await expect(open(scheduled, false)).rejects.toMatchObject(busy);
    await sql`update control.lease_wanted set wanted_at = now() - interval '6 seconds'`.execute(shop.admin);
    await finish(first);
    expect(await open(second, true)).toMatchObject({ state: 'open' });
  });
});

describe('an interval of a backfill', () => {
  test('leaves no wish while it waits', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    await open(scheduled, false);
    await expect(open(first, true)).rejects.toMatchObject(busy);
    expect(await wishes()).toEqual([]);
  });

  test('that has the model goes on with it though another run waits, in another attempt and after a reset', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const opened = await open(first, true);
    await expect(open(scheduled, false)).rejects.toMatchObject(busy);
    expect(await open(first, true)).toEqual(opened);
    expect(await open({ ...first, runId: 'after a reset' }, true)).toMatchObject({ state: 'open' });
    expect(await wishes()).toEqual(['scheduled']);
  });

  test('waits where a run holds the model, since nobody else takes its rows', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const opened = await open(scheduled, false);
    if (opened.state === 'held') throw new Error('held');
    const verdictId = '6f7f9a50-0000-4000-8000-000000000001';
    await shop.hold({ loadId: opened.loadId, model, verdictId, run: scheduled });
    await expect(open(first, true)).rejects.toMatchObject({
      ...busy,
      message: expect.stringContaining('held at a gate by scheduled'),
    });
    expect(await open(byHand, false)).toMatchObject({ state: 'held' });
  });

  test('that holds the model at a gate gives way too: a run that wants it says so and waits', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const opened = await open(first, true);
    if (opened.state === 'held') throw new Error('held');
    const verdictId = '6f7f9a50-0000-4000-8000-000000000001';
    await shop.hold({ loadId: opened.loadId, model, verdictId, run: first });
    await expect(open(scheduled, false)).rejects.toMatchObject({
      ...busy,
      message: expect.stringContaining('held at a gate by backfill/first, which gives way'),
    });
    expect(await wishes()).toEqual(['scheduled']);
    await expect(open(second, true)).rejects.toMatchObject(busy);
    expect(await wishes()).toEqual(['scheduled']);
  });

  test('of the Schedules page gives way as well, and leaves a model that is held', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const opened = await open(first, true, { leavesHeld: true });
    if (opened.state === 'held') throw new Error('held');
    await expect(open(scheduled, false)).rejects.toMatchObject(busy);
    await expect(open(second, true, { leavesHeld: true })).rejects.toMatchObject({
      ...busy,
      message: expect.stringContaining('wanted by scheduled'),
    });
    await sql`delete from control.lease_wanted`.execute(shop.admin);
    const verdictId = '6f7f9a50-0000-4000-8000-000000000001';
    await shop.hold({ loadId: opened.loadId, model, verdictId, run: first });
    expect(await open(second, true, { leavesHeld: true })).toMatchObject({ state: 'held', by: first });
  });
});
