import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../poll.ts';
import { openShop, runOf } from './shop.ts';
import type { Shop } from './shop.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(async () => {
  await shop.database.drop();
});

const run = runOf('monday');

/** Any number: no other lock of this database has it. */
const PAUSE = 42;

/** From now on an attempt that has staged waits for the lock, before it commits. */
async function pauseStaged(): Promise<void> {
  await sql`create function public.pause() returns trigger language plpgsql as
    'begin perform pg_advisory_xact_lock(42); return new; end'`.execute(shop.admin);
  await sql`create trigger pause after update on control.load for each row when (new.state = 'staged')
    execute function public.pause()`.execute(shop.admin);
}

async function waiting(locktype: 'advisory' | 'transactionid'): Promise<void> {
  await until(
    async () => {
      const { rows } = await sql`select from pg_locks join pg_stat_activity using (pid)
        where datname = current_database() and usename = 'weir_loader'
          and locktype = ${locktype} and not granted`.execute(shop.admin);
      return rows.length > 0;
    },
    { what: `an attempt that waits for a lock of type ${locktype}` },
  );
}

async function candidates(): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select relname as name from pg_class
    where relnamespace = 'candidate'::regnamespace and relkind = 'r' order by relname`.execute(shop.admin);
  return rows.map(({ name }) => name);
}

async function idsIn(candidate: string): Promise<readonly unknown[]> {
  const { rows } = await sql<{
    id: string;
  }>`select transaction_id as id from ${sql.id('candidate', candidate)}
    order by 1`.execute(shop.admin);
  return rows.map(({ id }) => id);
}

test('an attempt that stages just before the next takes its load leaves no candidate behind', async () => {
  await shop.land([{ id: 'a' }, { id: 'b' }], { file: 'one' });
  const { loadId } = await shop.openWindow('stg_transactions', run);
  await pauseStaged();
  const attempts = await shop.admin.transaction().execute(async (pausing) => {
    await sql`select pg_advisory_xact_lock(${PAUSE})`.execute(pausing);
    const first = shop.stage({ loadId, run });
    await waiting('advisory');
    // It has read the load before the first had a candidate, and takes it when that one commits.
    const second = shop.stage({ loadId, run });
    await waiting('transactionid');
    return [first, second] as const;
  });
  const [first, second] = await Promise.all(attempts);
  expect(first).toMatchObject({ attempt: 1, staged: 2 });
  expect(second).toMatchObject({ attempt: 2, staged: 2 });

  const { candidate } = await shop.ledger(loadId);
  expect(candidate).toBe(`stg_transactions_${loadId}_2`);
  expect(await candidates()).toEqual([candidate]);
  expect(await idsIn(candidate ?? '')).toEqual(['a', 'b']);
  expect(await shop.publish({ loadId, run, attempt: second.attempt })).toMatchObject({ inserted: 2 });
  expect(await candidates()).toEqual([]);
});

test('an attempt whose load is taken while it stages leaves no candidate behind either', async () => {
  await shop.land([{ id: 'a' }, { id: 'b' }], { file: 'one' });
  const { loadId } = await shop.openWindow('stg_transactions', run);
  const late = await shop.admin.transaction().execute(async (pausing) => {
    await sql`lock table bronze.raw_transactions in access exclusive mode`.execute(pausing);
    const first = shop.stage({ loadId, run }).catch((error: unknown) => error);
    const second = shop.stage({ loadId, run }).catch((error: unknown) => error);
    await until(
      async () => {
        const { rows } = await sql`select from pg_stat_activity where datname = current_database()
          and usename = 'weir_loader' and wait_event_type = 'Lock'`.execute(shop.admin);
        return rows.length >= 2;
      },
      { what: 'two attempts that have taken the load and wait for its rows' },
    );
    return [first, second] as const;
  });
  const ends = await Promise.all(late);
  expect(ends).toContainEqual(expect.objectContaining({ type: 'StaleAttempt', nonRetryable: true }));
  expect(ends).toContainEqual(expect.objectContaining({ attempt: 2, staged: 2 }));
  const { candidate } = await shop.ledger(loadId);
  expect(await candidates()).toEqual([candidate]);
  expect(await idsIn(candidate ?? '')).toEqual(['a', 'b']);
});
