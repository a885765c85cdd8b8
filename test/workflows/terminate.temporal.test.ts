import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { setTrap, type Station } from '../setup/trap.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';

const HOUR = 'transactions/2017-01-02T08.jsonl';
const MODEL = 'stg_transactions';
const OVER_LIMIT = basket(9, { total_amount: '100000.01' });

let weir: TestWeir;
afterEach(async () => {
  await weir.close();
});

async function start(records: readonly object[]): Promise<void> {
  weir = await testWeir();
  await weir.loadDimensions();
  await weir.land(HOUR, records);
}

/** What is published, by the books and by the rows. */
async function published() {
  const { rows } = await sql`
    select (select count(*)::int from silver.stg_transactions) as silver,
      (select count(distinct _xid)::int from silver.stg_transactions) as writers,
      (select count(*)::int from control.watermark where model = ${MODEL}) as watermarks,
      (select count(*)::int from control.load where model = ${MODEL} and state = 'published') as loads,
      (select coalesce(max(publishes), 0)::int from control.target where model = ${MODEL}) as publishes`.execute(
    weir.database.admin,
  );
  return rows[0];
}

const NOT = { silver: 0, writers: 0, watermarks: 0, loads: 0, publishes: 0 };
const ONCE = { silver: 8, writers: 1, watermarks: 1, loads: 1, publishes: 1 };

async function expectNextRunHasItAll(): Promise<void> {
  await (await weir.run('hourly', { asOf: AS_OF })).result();
  expect(await published()).toEqual(ONCE);
  const { rows } = await sql`
    select (select count(*)::int from control.lease) as leases,
      (select count(*)::int from control.load where state in ('open', 'staged')) as open,
      (select count(*)::int from pg_class where relnamespace = 'candidate'::regnamespace and relkind = 'r') as candidates,
      (select sum(gross_sales)::text from gold.fct_daily_sales) as sales`.execute(weir.database.admin);
  expect(rows).toEqual([{ leases: 0, open: 0, candidates: 0, sales: '40.00' }]);
}

describe('terminating a run', { timeout: 120_000 }, () => {
  it.each<Station>(['extract', 'open', 'stage', 'publish'])(
    'stops its %s, although nothing of the run is left to ask for it, and the next run takes its rows once',
    async (station) => {
      await start(baskets(1, 9));
      const trap = await setTrap(weir, station);
      const run = await weir.run('hourly', { asOf: AS_OF });
      await trap.caught();
      await run.terminate('test');
      await trap.left(); // It is still shut: nobody has let them through.
      expect(await published()).toEqual(NOT);
      await trap.open();
      await expectNextRunHasItAll();
      expect(await weir.incidents()).toEqual([]);
    },
  );

  it('in the middle of its publish has published all or nothing, once', async () => {
    await start(baskets(1, 9));
    const trap = await setTrap(weir, 'publish');
    const run = await weir.run('hourly', { asOf: AS_OF });
    await trap.caught();
    await Promise.all([run.terminate('test'), trap.open()]);
    await trap.left();
    const next = expectNextRunHasItAll();
    const seen = await published();
    expect([NOT, ONCE]).toContainEqual(seen);
    await next;
  });

  it('that holds a gate frees its model for the next run, whose pass resolves the incident', async () => {
    await start([...baskets(1, 9), OVER_LIMIT]);
    const run = await weir.run('hourly', { asOf: AS_OF });
    await weir.heldVerdict(MODEL);
    await until(async () => (await weir.incidents()).length === 1, {
      what: 'on-call is told',
      timeoutMs: 60_000,
    });
    await run.terminate('test');
    await weir.land(HOUR, baskets(1, 9));
    await expectNextRunHasItAll();
    await until(async () => (await weir.incidents())[0]?.status === 'resolved', {
      what: 'it resolves',
      timeoutMs: 60_000,
    });
    expect(await weir.incidents()).toHaveLength(1);
  });
});
