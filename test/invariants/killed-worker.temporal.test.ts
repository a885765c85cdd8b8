import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { AS_OF, baskets } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { setTrap, type Station } from '../setup/trap.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { workerProcesses } from '../setup/worker-process.ts';

const STATIONS: readonly Station[] = ['extract', 'gate', 'stage', 'publish'];

let weir: TestWeir;
const workers = workerProcesses();
afterEach(async () => {
  await workers.stopAll();
  await weir.close();
});

describe('invariant 1: a worker killed with SIGKILL loses nothing and doubles nothing', () => {
  it.each(STATIONS)('in %s', { timeout: 120_000 }, async (station) => {
    weir = await testWeir({ worker: false });
    const first = await workers.spawn(weir);
    await weir.loadDimensions();
    await weir.land('transactions/2017-01-02T08.jsonl', [...baskets(1, 9), '{"not": "a basket"}']);
    const trap = await setTrap(weir, station);
    const run = await weir.run('hourly', { asOf: AS_OF });
    await trap.caught();
    await first.kill();
    await trap.open();
    await workers.spawn(weir);
    const { models } = await run.result();
    expect(models['stg_transactions']?.state).toBe('published');
    if (station === 'stage') await keepHistory('heartbeat-resume', run);
    const { rows } = await sql<Record<string, unknown>>`
      select (select count(*)::int from bronze.raw_transactions) as bronze,
        (select count(*)::int from control.quarantine) as quarantined,
        (select count(*)::int from silver.stg_transactions) as silver,
        (select sum(gross_sales)::text from gold.fct_daily_sales) as sales,
        (select count(*)::int from control.load where model = 'stg_transactions' and state = 'published') as loads,
        (select count(*)::int from control.lease) as leases,
        (select count(*)::int from pg_class where relnamespace = 'candidate'::regnamespace and relkind = 'r') as candidates`.execute(
      weir.database.admin,
    );
    expect(rows).toEqual([
      { bronze: 8, quarantined: 1, silver: 8, sales: '40.00', loads: 1, leases: 0, candidates: 0 },
    ]);
  });
});
