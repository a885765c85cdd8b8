import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { AS_OF, baskets } from '../setup/baskets.ts';
import { setTrap, type Station } from '../setup/trap.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';
import { workerProcesses } from '../setup/worker-process.ts';

const STATIONS: readonly Station[] = ['stage', 'publish'];

let weir: TestWeir;
const workers = workerProcesses();
afterEach(async () => {
  await workers.stopAll();
  await weir.close();
});

/** A run whose first worker stands in the middle of a station. */
async function caughtIn(station: Station, grace: string) {
  weir = await testWeir({ worker: false });
  const first = await workers.spawn(weir, { WEIR_SHUTDOWN_GRACE: grace });
  await weir.loadDimensions();
  await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 9));
  const trap = await setTrap(weir, station);
  const run = await weir.run('hourly', { asOf: AS_OF });
  await trap.caught();
  return { first, trap, run };
}

async function expectPublishedOnce(run: Run): Promise<void> {
  const { models } = await run.result();
  expect(models['stg_transactions']?.state).toBe('published');
  const { rows } = await sql<Record<string, unknown>>`
    select (select count(*)::int from silver.stg_transactions) as silver,
      (select sum(gross_sales)::text from gold.fct_daily_sales) as sales,
      (select count(*)::int from control.load where model = 'stg_transactions' and state = 'published') as loads,
      (select count(*)::int from control.lease) as leases,
      (select count(*)::int from pg_class where relnamespace = 'candidate'::regnamespace and relkind = 'r') as candidates`.execute(
    weir.database.admin,
  );
  expect(rows).toEqual([{ silver: 8, sales: '40.00', loads: 1, leases: 0, candidates: 0 }]);
}

/** How often the server handed out an activity of a model, and what it was told of the attempt before. */
async function lastAttempt(run: Run, name: string): Promise<{ attempt: number; lastFailure: string }> {
  const { events } = await run.fetchHistory();
  const scheduled = new Set(
    (events ?? []).flatMap((event) =>
      event.activityTaskScheduledEventAttributes?.activityType?.name === name ? [Number(event.eventId)] : [],
    ),
  );
  const started = (events ?? []).flatMap(({ activityTaskStartedEventAttributes: one }) =>
    one && scheduled.has(Number(one.scheduledEventId)) ? [one] : [],
  );
  const last = started.toSorted((one, other) => (other.attempt ?? 0) - (one.attempt ?? 0))[0];
  return { attempt: last?.attempt ?? 0, lastFailure: last?.lastFailure?.message ?? '' };
}

describe('a worker that is asked to end by SIGTERM', () => {
  it.each(STATIONS)(
    'in %s longer than its grace stops the SQL, and another worker carries on',
    async (station) => {
      const { first, trap, run } = await caughtIn(station, '0.5s');
      expect(await first.terminate()).toBe(0);
      await trap.left();
      await workers.spawn(weir);
      await trap.open();
      await expectPublishedOnce(run);
      // Handed back at once, not found dead by a heartbeat that stayed away.
      expect(await lastAttempt(run, station)).toEqual({
        attempt: 2,
        lastFailure: expect.stringContaining('shutting down'),
      });
    },
  );

  it.each(STATIONS)('in %s finishes what ends within its grace', async (station) => {
    const { first, trap, run } = await caughtIn(station, '60');
    const ended = first.terminate();
    await trap.open();
    expect(await ended).toBe(0);
    await workers.spawn(weir);
    await expectPublishedOnce(run);
    expect(await lastAttempt(run, station)).toEqual({ attempt: 1, lastFailure: '' });
  });
});
