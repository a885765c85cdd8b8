import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cancelWith } from '../../activities/cancel-query.ts';
import { openDatabase } from '../../workers/databases.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { until } from '../poll.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
});
afterAll(async () => {
  await database.drop();
});

test('a query in flight is cancelled with its activity, and its transaction is rolled back', async () => {
  const { admin } = database;
  await sql`create table written (n int)`.execute(admin);
  const activity = new AbortController();
  const work = admin.transaction().execute((trx) =>
    cancelWith(activity.signal, admin, trx, async () => {
      await sql`insert into written values (1)`.execute(trx);
      await sql`select pg_sleep(600)`.execute(trx);
    }),
  );
  const failed = work.catch((error: unknown) => error);
  await until(
    async () => {
      const { rows } =
        await sql`select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`.execute(
          admin,
        );
      return rows.length > 0;
    },
    { what: 'the query runs' },
  );
  activity.abort();
  expect(await failed).toMatchObject({ code: '57014' });
  expect((await sql`select from written`.execute(admin)).rows).toEqual([]);
});

test('work of an activity that was cancelled before is not begun', async () => {
  const begun = database.admin
    .transaction()
    .execute((trx) => cancelWith(AbortSignal.abort(), database.admin, trx, async () => 'begun'));
  await expect(begun).rejects.toThrow();
});

test('a query is cancelled although every connection of its pool has one', async () => {
  const pool = openDatabase(database.adminUrl, 'test full pool', 2);
  const activity = new AbortController();
  const work = [1, 2].map(() =>
    pool
      .transaction()
      .execute((trx) => cancelWith(activity.signal, pool, trx, () => sql`select pg_sleep(600)`.execute(trx)))
      .catch((error: unknown) => error),
  );
  await until(
    async () => {
      const { rows } = await sql`select from pg_stat_activity
        where wait_event = 'PgSleep' and datname = current_database()`.execute(database.admin);
      return rows.length === 2;
    },
    { what: 'both run' },
  );
  activity.abort();
  for (const one of await Promise.all(work)) expect(one).toMatchObject({ code: '57014' });
  await pool.destroy();
});

test('a cancel that comes between two statements stops the next', async () => {
  const activity = new AbortController();
  const { admin } = database;
  const work = admin.transaction().execute((trx) =>
    cancelWith(activity.signal, admin, trx, async () => {
      activity.abort();
      // The first cancel meets a session that is idle.
      await sql`select pg_sleep(0.1)`.execute(admin);
      await sql`select pg_sleep(600)`.execute(trx);
    }),
  );
  await expect(work).rejects.toMatchObject({ code: '57014' });
});
