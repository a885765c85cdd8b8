import { sql } from 'kysely';
import { afterEach, expect, it } from 'vitest';
import { until } from '../poll.ts';
import { AS_OF, baskets } from '../setup/baskets.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';

let weir: TestWeir;
afterEach(async () => {
  await weir.close();
});

/** Waits until a run has come so far, or to its end. */
async function comeTo(run: Run, events: number): Promise<void> {
  await until(
    async () => {
      const { historyLength, status } = await run.describe();
      return historyLength >= events || status.name !== 'RUNNING';
    },
    { what: `the run has ${events} events`, timeoutMs: 60_000 },
  );
}

/** What runs that are gone may not leave behind. */
async function left() {
  const { rows } = await sql`
    select (select count(*)::int from control.lease) as leases,
      (select count(*)::int from control.load where state in ('open', 'staged')) as loads,
      (select count(*)::int from pg_class where relnamespace = 'candidate'::regnamespace and relkind = 'r') as candidates`.execute(
    weir.database.admin,
  );
  return rows[0];
}

const nothing = { leases: 0, loads: 0, candidates: 0 };

it(
  'invariant 1: runs that are cancelled or terminated wherever they are lose no row and double none',
  { timeout: 240_000 },
  async () => {
    weir = await testWeir();
    await weir.loadDimensions();
    let landed = 0;
    for (const events of [2, 8, 14, 20, 26, 32, 40, 50, 60, 72, 84, 96]) {
      await weir.land(
        `transactions/${String(events).padStart(3, '0')}.jsonl`,
        baskets(landed + 1, landed + 4),
      );
      landed += 3;
      const cancelled = await weir.run('hourly', { asOf: AS_OF });
      await comeTo(cancelled, events);
      await cancelled.cancel().catch(() => undefined); // It may have ended by itself.
      await cancelled.result().catch(() => undefined);
      expect(['CANCELLED', 'COMPLETED']).toContain((await cancelled.describe()).status.name);
      expect(await left()).toEqual(nothing);

      const terminated = await weir.run('hourly', { asOf: AS_OF });
      await comeTo(terminated, events);
      await terminated.terminate('test').catch(() => undefined);
    }
    await (await weir.run('hourly', { asOf: AS_OF })).result();
    expect(await left()).toEqual(nothing);
    const { rows } = await sql`
      select (select count(*)::int from silver.stg_transactions) as rows,
        (select count(distinct transaction_id)::int from silver.stg_transactions) as ids,
        (select sum(transaction_count)::int from gold.fct_daily_sales) as counted,
        (select sum(rows_inserted)::int from control.load where model = 'stg_transactions') as inserted`.execute(
      weir.database.admin,
    );
    expect(rows).toEqual([{ rows: landed, ids: landed, counted: landed, inserted: landed }]);
    expect(await weir.incidents()).toEqual([]);
  },
);
