import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';

const HOUR = 'transactions/2017-01-02T08.jsonl';
const MOVEMENT = {
  store_id: 'STORE_00001',
  sku: '1',
  quantity_change: -1,
  event_ts: '2017-01-02T08:30:00Z',
};

let weir: TestWeir;
beforeEach(async () => {
  weir = await testWeir();
  await weir.loadDimensions();
});
afterEach(async () => {
  await weir.close();
});

it('a hold that expired lets later runs load its model, while another branch keeps its run open', async () => {
  const { admin } = weir.database;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  // Another branch that takes its time: its target is locked.
  let locked: Promise<void> = Promise.resolve();
  await new Promise<void>((hasLock, failed) => {
    locked = admin.transaction().execute(async (trx) => {
      await sql`lock table silver.stg_pos_events in exclusive mode`.execute(trx);
      hasLock();
      await released;
    });
    locked.catch(failed);
  });
  await weir.land(HOUR, [...baskets(1, 9), basket(9, { total_amount: '100000.01' })]);
  await weir.land('pos_events/2017-01-02T08.jsonl', [MOVEMENT]);
  const run = await weir.run('hourly', { asOf: AS_OF, holdFor: '1s' });
  await until(
    async () => {
      const lease = await admin
        .selectFrom('control.lease')
        .select('state')
        .where('model', '=', 'stg_transactions')
        .executeTakeFirst();
      return lease?.state === 'expired';
    },
    { what: 'the run lets go', timeoutMs: 60_000 },
  );

  await weir.land(HOUR, baskets(1, 9));
  const later = await weir.run('hourly', { asOf: AS_OF, models: ['stg_transactions'] });
  expect((await later.result()).models['stg_transactions']).toMatchObject({ state: 'published', rows: 8 });
  expect((await run.describe()).status.name).toBe('RUNNING');

  release();
  await locked;
  await expect(run.result()).rejects.toMatchObject({ cause: { type: 'GateHeld' } });
  await keepHistory('hold-expired-lets-go', run);
});
