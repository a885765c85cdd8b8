import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { delivered, loaded, minute, sampler } from './clockwork.ts';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const MINUTES = 20_000;

/** Rows of the ledger that were read by now, as the server counts them. */
async function readSoFar(): Promise<number> {
  // What a session has read is counted when it says so; the pool's sessions are asked side by side.
  await Promise.all(
    [1, 2, 3, 4, 5].map(() =>
      sql`select pg_stat_force_next_flush(), pg_sleep(0.1)`.execute(database.databases.loader),
    ),
  );
  const { rows } = await sql<{ read: number }>`
    select seq_tup_read + idx_tup_fetch as read from pg_stat_user_tables
    where schemaname = 'control' and relname = 'load'`.execute(database.admin);
  return rows[0]?.read ?? 0;
}

it('a round reads a few rows of a ledger in which one model has a load a minute, and others have few or none', async () => {
  const { admin } = database;
  await loaded(admin, { model: 'stg_transactions', at: 0 });
  // Of one source files are known, of the others only what was loaded.
  await delivered(admin, 'raw_transactions', 0);
  await sql`
    insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, system_identifier, timeline, as_of,
      sql_hash, opened_at, published_at)
    select 'stg_inventory', 'minute', 'm-' || n, 'r', 'published', '{"kind":"arrival"}', '1', 1, at, 'h', at, at
    from (select n, ${minute(0)}::timestamptz + make_interval(mins => n) as at
      from generate_series(1, ${MINUTES}::int) as n) as each`.execute(admin);
  await sql`analyze control.load`.execute(admin);
  const monitor = sampler(database);
  await monitor.at(MINUTES);
  const before = await readSoFar();
  await monitor.at(MINUTES + 1);
  const read = (await readSoFar()) - before;
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(2_000);
});
