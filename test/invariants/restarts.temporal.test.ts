import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../poll.ts';
import { AS_OF, baskets } from '../setup/baskets.ts';
import { ownPostgres } from '../setup/database.ts';
import { ownTemporal } from '../setup/temporal.ts';
import { setTrap, type Station } from '../setup/trap.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';

let weir: TestWeir;
let stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await weir.close();
  await Promise.all(stops.map((stop) => stop()));
  stops = [];
});

async function published(): Promise<unknown> {
  const { rows } = await sql`
    select (select count(*)::int from silver.stg_transactions) as silver,
      (select sum(gross_sales)::text from gold.fct_daily_sales) as sales`.execute(weir.database.admin);
  return rows[0];
}

describe('invariant 1: a restarted server loses nothing and doubles nothing', () => {
  it.each<Station>(['stage', 'publish'])(
    'Postgres stopped hard in %s',
    { timeout: 180_000 },
    async (station) => {
      const postgres = await ownPostgres({ durable: true });
      stops.push(() => postgres.stop());
      weir = await testWeir({ postgres });
      await weir.loadDimensions();
      await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 9));
      const trap = await setTrap(weir, station);
      const run = await weir.run('hourly', { asOf: AS_OF });
      await trap.caught();
      await postgres.stopHard();
      await trap.open().catch(() => undefined);
      await postgres.restart();
      const { models } = await run.result();
      expect(models['stg_transactions']?.state).toBe('published');
      expect(await published()).toEqual({ silver: 8, sales: '40.00' });
    },
  );

  it('Temporal killed and restarted while a gate is held', { timeout: 180_000 }, async () => {
    const temporalServer = await ownTemporal();
    stops.push(() => temporalServer.stop());
    weir = await testWeir({ temporalServer });
    await weir.loadDimensions();
    await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 9, { store_id: null }));
    const run = await weir.run('hourly', { asOf: AS_OF });
    const verdictId = await weir.heldVerdict('stg_transactions');
    await until(async () => (await weir.incidents()).length === 1, {
      what: 'on-call is told',
      timeoutMs: 60_000,
    });
    await temporalServer.stopHard();
    await temporalServer.restart();
    await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 9));
    await until(
      () => run.executeUpdate('reloadAndRetry', { args: [{ verdictId, reason: 'delivered again' }] }),
      { what: 'the update is taken', timeoutMs: 60_000 },
    );
    await run.result();
    expect(await published()).toEqual({ silver: 8, sales: '40.00' });
    await until(async () => (await weir.incidents()).every(({ status }) => status === 'resolved'), {
      what: 'the incident is resolved',
      timeoutMs: 60_000,
    });
    expect(await weir.incidents()).toHaveLength(1);
  });
});
