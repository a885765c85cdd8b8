import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGate } from '../../../activities/gate.ts';
import type { OpenInput } from '../../../activities/open.ts';
import type { Verdict } from '../../../expectations/verdict.ts';
import { folders, openShop, runOf } from '../shop.ts';
import type { Shop } from '../shop.ts';

const MODEL = 'stg_transactions';
const third: Partial<OpenInput> = {
  interval: { start: '2017-01-30T03:00:00Z', end: '2017-01-30T04:00:00Z' },
};
const fourth: Partial<OpenInput> = {
  interval: { start: '2017-01-30T04:00:00Z', end: '2017-01-30T05:00:00Z' },
};

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
  await shop.land(
    [
      { id: 'a', at: '2017-01-30T03:10:00' },
      { id: 'b', at: '2017-01-30T04:10:00' },
    ],
    { file: 'one' },
  );
});
afterEach(() => shop.database.drop());

/** Asks the input gate about a load of a run of its own, which ends with that. */
async function ask(name: string, window: Partial<OpenInput> = {}): Promise<Verdict> {
  const run = runOf(name);
  const { loadId } = await shop.openWindow(MODEL, run, window);
  const { gate } = createGate({ databases: shop.database.databases, folders });
  const verdict = await gate({ loadId, model: MODEL, gate: 'input', suite: 'transactions', run });
  await shop.release({ model: MODEL, run, outcome: 'abandoned' });
  return verdict;
}

async function tell({ verdictId, loadId }: Verdict): Promise<void> {
  await shop.admin
    .insertInto('control.incident')
    .values({
      ...{ dedup_key: 'k', state: 'open', kind: 'gateHeld', model: MODEL, suite: 'transactions' },
      ...{ verdict_id: verdictId, workflow_id: 'w', resolved_at: null },
    })
    .execute();
  await shop.admin
    .insertInto('control.incident_failure')
    .values({ dedup_key: 'k', occasion: `${verdictId}/held`, load_id: loadId })
    .execute();
}

test('what a load by arrival broke, no interval of the past mends', async () => {
  await tell(await ask('hourly'));
  expect((await ask('backfill/03', third)).incidentOpen).toBe(false);
  expect((await ask('next hour')).incidentOpen).toBe(true);
});

test('what an interval broke, that interval mends, or a load by arrival; another interval does not', async () => {
  await tell(await ask('backfill/03', third));
  expect((await ask('backfill/04', fourth)).incidentOpen).toBe(false);
  expect((await ask('again/03', third)).incidentOpen).toBe(true);
  expect((await ask('next hour')).incidentOpen).toBe(true);
});

test('what a load by arrival broke, no replay of an earlier one mends', async () => {
  const { loadId } = await ask('hour before');
  await shop.admin
    .updateTable('control.load')
    .set({ state: 'published' })
    .where('load_id', '=', loadId)
    .execute();
  await tell(await ask('hourly'));
  expect((await ask('replay', { replay: loadId })).incidentOpen).toBe(false);
});
