import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decisionUpdates, type DecisionName } from '../../workflows/decisions.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';

const HOUR = 'transactions/2017-01-02T08.jsonl';

let weir: TestWeir;
beforeEach(async () => {
  weir = await testWeir();
  const run = await weir.run('daily');
  await run.result();
  await keepHistory('daily', run);
});
afterEach(() => weir.close());

async function decide(run: Run, name: DecisionName, verdictId: string): Promise<void> {
  await run.executeUpdate(decisionUpdates[name], {
    args: [{ verdictId, reason: 'a reason long enough to count', by: 'test' }],
  });
}

describe('paths that no other test walks to their end, kept to be replayed', () => {
  it('a promise that only warns', async () => {
    await sql`update gold.dim_stores set store_name = null where store_id = 'STORE_00001'`.execute(
      weir.database.admin,
    );
    await weir.land(HOUR, baskets(1, 9));
    const run = await weir.run('hourly', { asOf: AS_OF });
    const { models } = await run.result();
    expect(models['fct_daily_sales']?.state).toBe('published');
    const { rows } = await sql`
      select outcome from control.gate_run where model = 'fct_daily_sales'`.execute(weir.database.admin);
    expect(rows).toEqual([{ outcome: 'warn' }]);
    await keepHistory('warn', run);
  });

  it('held, then abandoned', async () => {
    await weir.land(HOUR, [...baskets(1, 9), basket(9, { total_amount: '100000.01' })]);
    const run = await weir.run('hourly', { asOf: AS_OF });
    await decide(run, 'abandon', await weir.heldVerdict('stg_transactions'));
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'Abandoned' } });
    await keepHistory('hold-abandon', run);
    await keepHistory('hold-abandon-told', run);
  });

  it('held, then asked again with a parameter that was mended', async () => {
    await weir.land(HOUR, [...baskets(1, 9), basket(9, { store_id: 'STORE_00009' })]);
    const run = await weir.run('hourly', { asOf: AS_OF });
    const verdictId = await weir.heldVerdict('stg_transactions');
    await sql`
      insert into operational.stores
      select 'STORE_00009', 'Store 9', region, district, store_format, store_size_sqft, opens_at, closes_at, opened_on
      from operational.stores where store_id = 'STORE_00001'`.execute(weir.database.admin);
    await weir.loadDimensions();
    // It may have looked again by itself meanwhile, and gone on.
    await decide(run, 'retryGate', verdictId).catch((error: unknown) =>
      expect(String(error)).toMatch(/Update/),
    );
    const { models } = await run.result();
    expect(models['stg_transactions']).toMatchObject({ state: 'published', rows: 9 });
    await keepHistory('hold-retry', run);
  });
});
