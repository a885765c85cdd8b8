import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../poll.ts';
import { hours, intervalsOf, silver, startBackfill } from '../setup/backfills.ts';
import { AS_OF } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { setTrap } from '../setup/trap.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { gateState } from '../../workflows/search-attributes.ts';

let weir: TestWeir;
beforeEach(async () => {
  weir = await testWeir();
  await weir.loadDimensions();
});
afterEach(() => weir.close());

const INPUT = { from: '2017-01-02T06:00:00Z', to: '2017-01-02T10:00:00Z', models: ['stg_transactions'] };

/** Takes the lease away from whoever is caught: its load fails, and no retry can mend that. */
async function breakLoad(trap: Awaited<ReturnType<typeof setTrap>>): Promise<void> {
  await trap.caught();
  await sql`delete from control.lease`.execute(weir.database.admin);
  await trap.open();
}

/** The incidents, once there are so many of a status. */
async function incidents(status: string, count: number) {
  return await until(
    async () => {
      const found = (await weir.incidents()).filter((incident) => incident.status === status);
      return found.length === count ? found : null;
    },
    { what: `${count} incidents are ${status}`, timeoutMs: 60_000 },
  );
}

it(
  'an interval that fails stops the backfill and pages once, as the backfill; a good one resolves that and nothing else',
  { timeout: 240_000 },
  async () => {
    await weir.land('transactions/one.jsonl', hours(6, 10, 2));
    const trap = await setTrap(weir, 'stage');
    const scheduled = await weir.run('hourly', { asOf: AS_OF, models: INPUT.models });
    await breakLoad(trap);
    await expect(scheduled.result()).rejects.toThrow();
    const [ofSchedule] = await incidents('triggered', 1);
    expect(ofSchedule?.dedupKey).toMatch(/\/hourly\/run$/);

    const second = await setTrap(weir, 'gate');
    const failing = await startBackfill(weir, { ...INPUT, width: 1, stopAfter: 2 });
    await breakLoad(second);
    await expect(failing.result()).rejects.toMatchObject({
      cause: {
        type: 'BackfillFailed',
        message: expect.stringMatching(/^1 of 4 intervals failed \(2017-01-02T06:00Z: .*--stop-after 2$/),
      },
    });
    await keepHistory('backfill-paged', failing);
    expect(
      Object.values(await intervalsOf(weir, failing, 4))
        .flat()
        .sort(),
    ).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED', 'FAILED']);
    const open = await incidents('triggered', 2);
    expect(open.map(({ dedupKey }) => dedupKey.split('/').slice(2).join('/')).sort()).toEqual([
      'hourly-backfill/2017-01-02T06:00Z--2017-01-02T10:00Z/run',
      'hourly/run',
    ]);
    expect(open.some(({ summary }) => summary.startsWith('backfill of the hourly pipeline failed'))).toBe(
      true,
    );

    const other = { ...INPUT, from: '2017-01-02T08:00:00Z', again: true };
    expect(await (await startBackfill(weir, other)).result()).toMatchObject({ done: 2 });
    expect(await incidents('triggered', 2)).toHaveLength(2);

    expect(await (await startBackfill(weir, INPUT)).result()).toMatchObject({ done: 1, skipped: 3 });
    const [resolved] = await incidents('resolved', 1);
    expect(resolved?.dedupKey).toMatch(/\/hourly-backfill\/.*\/run$/);
    expect(await silver(weir)).toHaveLength(8);
  },
);

it(
  'a source that cannot be landed fails the backfill before its first interval, and pages; a good one resolves that',
  { timeout: 120_000 },
  async () => {
    await weir.land('transactions/one.jsonl', hours(6, 10, 2));
    await sql`revoke insert on bronze.raw_transactions from weir_loader`.execute(weir.database.admin);
    const failing = await startBackfill(weir, INPUT);
    await expect(failing.result()).rejects.toMatchObject({
      cause: {
        type: 'LandingFailed',
        message: expect.stringMatching(
          /^extract raw_transactions: .*No interval was begun; mend it, then: weir backfill hourly --from/,
        ),
      },
    });
    expect((await failing.describe()).typedSearchAttributes.get(gateState)).toBe('failed');
    expect(await intervalsOf(weir, failing)).toEqual({});
    expect((await incidents('triggered', 1))[0]?.dedupKey).toMatch(/\/hourly-backfill\/.*\/run$/);

    await sql`grant insert on bronze.raw_transactions to weir_loader`.execute(weir.database.admin);
    expect(await (await startBackfill(weir, INPUT)).result()).toMatchObject({ done: 4 });
    await incidents('resolved', 1);
  },
);
