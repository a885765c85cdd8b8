import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createOpen } from '../../activities/open.ts';
import type { Opened } from '../../activities/open.ts';
import { createRelease } from '../../activities/release.ts';
import type { RunRef } from '../../activities/run-ref.ts';
import { asOf, folders, openShop, runOf } from './shop.ts';
import type { Shop } from './shop.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(async () => {
  await shop.database.drop();
});

const model = 'stg_transactions';
const [first, second] = [runOf('monday', 'monday-first'), runOf('monday', 'monday-second')];
const tuesday = runOf('tuesday');

/** Opens for a run while Temporal says that `current` is the run that its workflow goes on with. */
function open(run: RunRef, current: RunRef): Promise<Opened> {
  const isCurrentRun = async ({ runId }: RunRef): Promise<boolean> => runId === current.runId;
  const isRunOpen = async (): Promise<boolean> => true;
  const station = createOpen({ databases: shop.database.databases, folders, isRunOpen, isCurrentRun });
  return station.open({ model, pipeline: 'hourly', asOf, run });
}

async function leases(): Promise<unknown> {
  return shop.admin.selectFrom('control.lease').select(['workflow_id', 'run_id', 'state']).execute();
}

describe('an open that wakes late, after its run was reset', () => {
  test('takes nothing from the run that goes on', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    await open(first, first);
    const opened = await open(second, second);
    if (opened.state === 'held') throw new Error('held');
    const { attempt } = await shop.stage({ loadId: opened.loadId, run: second });

    await expect(open(first, second)).rejects.toMatchObject({ type: 'StaleAttempt', nonRetryable: true });
    expect((await shop.ledger(opened.loadId)).state).toBe('staged');
    expect(await leases()).toEqual([{ workflow_id: 'monday', run_id: 'monday-second', state: 'running' }]);
    expect(await shop.publish({ loadId: opened.loadId, run: second, attempt })).toMatchObject({
      state: 'published',
      inserted: 1,
    });
  });

  test('and that came first into a free lease gives way', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const late = await open(first, second);
    const opened = await open(second, second);
    if (opened.state === 'held' || late.state === 'held') throw new Error('held');
    expect((await shop.ledger(late.loadId)).state).toBe('abandoned');
    expect((await shop.ledger(opened.loadId)).state).toBe('open');
  });

  test('retried by the run that goes on gets the same load', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    await open(first, first);
    const opened = await open(second, second);
    expect(await open(second, second)).toEqual(opened);
  });
});

test('a release that wakes late gives nothing back of what the run that goes on has', async () => {
  await shop.land([{ id: 'a' }], { file: 'one' });
  await open(first, first);
  const opened = await open(second, second);
  if (opened.state === 'held') throw new Error('held');
  const { release } = createRelease({
    databases: shop.database.databases,
    isCurrentRun: async ({ runId }) => runId === second.runId,
  });
  await release({ model, run: first, outcome: 'abandoned' });
  expect((await shop.ledger(opened.loadId)).state).toBe('open');
  await release({ model, run: second, outcome: 'abandoned' });
  expect((await shop.ledger(opened.loadId)).state).toBe('abandoned');
  expect(await leases()).toEqual([]);
});

describe('a hold that has expired', () => {
  const verdictId = '6f7f9a50-0000-4000-8000-000000000001';

  async function expire(): Promise<number> {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const opened = await open(first, first);
    if (opened.state === 'held') throw new Error('held');
    await shop.stage({ loadId: opened.loadId, run: first });
    await shop.hold({ loadId: opened.loadId, model, verdictId, run: first });
    await shop.release({ loadId: opened.loadId, model, run: first, outcome: 'expired' });
    return opened.loadId;
  }

  test('is taken over by whoever comes, although its run is open', async () => {
    const loadId = await expire();
    expect((await shop.ledger(loadId)).state).toBe('staged');
    expect(await shop.load(model, tuesday)).toMatchObject({ state: 'published', inserted: 1 });
    expect((await shop.ledger(loadId)).state).toBe('abandoned');
  });

  test('is held again by a run that was reset, of the same load', async () => {
    const loadId = await expire();
    await shop.hold({ loadId, model, verdictId, run: second });
    expect(await open(tuesday, tuesday)).toMatchObject({ state: 'held', by: second });
    // The release of the run before is tried again, as its answer was lost.
    await shop.release({ loadId, model, run: first, outcome: 'expired' });
    expect(await leases()).toEqual([{ workflow_id: 'monday', run_id: 'monday-second', state: 'held' }]);
    const { attempt } = await shop.ledger(loadId);
    expect(await shop.publish({ loadId, run: second, attempt })).toMatchObject({ state: 'published' });
  });

  test('of one model leaves what else the run holds', async () => {
    await expire();
    await sql`
      insert into bronze.raw_pos_events (store_id, sku, quantity_change, event_ts, _source, _revision, _load, _position, _record_hash)
      values ('STORE_00001', '1', -1, '2017-01-30T10:00:00', 'one', 1, nextval('control.load_sequence'), 1, md5('1')::uuid)`.execute(
      shop.admin,
    );
    await shop.openWindow('stg_pos_events', first);
    await shop.release({ model: 'stg_pos_events', run: first, outcome: 'expired' });
    const busy = shop.open({ model: 'stg_pos_events', pipeline: 'hourly', asOf, run: tuesday });
    await expect(busy).rejects.toMatchObject({ type: 'LeaseBusy' });
  });
});
