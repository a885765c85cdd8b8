import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../poll.ts';
import { AS_OF, baskets } from '../setup/baskets.ts';
import { setTrap, type Station } from '../setup/trap.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';
import { workerProcesses } from '../setup/worker-process.ts';

let weir: TestWeir;
const workers = workerProcesses();
afterEach(async () => {
  await workers.stopAll();
  await weir.close();
});

/** Temporal has given a station up and handed it out again: to the other worker, or to the frozen one's open polls. */
async function secondAttempt(run: Run, station: Station): Promise<void> {
  await until(
    async () => {
      const { pendingActivities } = (await run.describe()).raw;
      return (pendingActivities ?? []).some(
        ({ activityType, attempt }) => activityType?.name === station && (attempt ?? 0) > 1,
      );
    },
    { what: `${station} is tried again`, timeoutMs: 60_000 },
  );
}

describe('invariant 4: an attempt that wakes late publishes nothing of its own', () => {
  it.each<Station>(['stage', 'publish'])('frozen in %s', { timeout: 120_000 }, async (station) => {
    weir = await testWeir({ worker: false });
    const first = await workers.spawn(weir);
    await weir.loadDimensions();
    await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 9));
    const trap = await setTrap(weir, station);
    const run = await weir.run('hourly', { asOf: AS_OF });
    await trap.caught();
    first.freeze();
    await workers.spawn(weir);
    await trap.open();
    await secondAttempt(run, station);
    // Its transaction is still open, and what was given to it meanwhile it begins only now.
    first.wake();
    const { models } = await run.result();
    expect(models['stg_transactions']).toMatchObject({ state: 'published', rows: 8 });
    const { rows } = await sql`
      select (select count(*)::int from silver.stg_transactions) as silver,
        (select count(distinct _xid)::int from silver.stg_transactions) as writers,
        (select sum(gross_sales)::text from gold.fct_daily_sales) as sales,
        (select publishes::int from control.target where model = 'stg_transactions') as publishes,
        (select count(*)::int from control.lease) as leases,
        (select count(*)::int from pg_class where relnamespace = 'candidate'::regnamespace and relkind = 'r') as candidates`.execute(
      weir.database.admin,
    );
    expect(rows).toEqual([{ silver: 8, writers: 1, sales: '40.00', publishes: 1, leases: 0, candidates: 0 }]);
  });
});
