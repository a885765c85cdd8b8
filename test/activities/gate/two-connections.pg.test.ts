import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Beside } from '../../../activities/gate/beside.ts';
import type { Json } from '../../../expectations/json.ts';
import { expectation, suiteOf } from '../../expectations/suite-text.ts';
import { until } from '../../poll.ts';
import { freshDatabase } from '../../setup/database.ts';
import type { FreshDatabase } from '../../setup/database.ts';
import { askTable, measuring, watchedDatabase } from './own-table.ts';
import type { WatchedDatabase } from './own-table.ts';

let database: FreshDatabase;
let watched: WatchedDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
  watched = watchedDatabase(database.adminUrl);
  await sql`create table numbers as select n as id, n % 10 as ten from generate_series(1, 1000) n`.execute(
    database.admin,
  );
  await sql`create view slow as select id, pg_sleep(60)::text as nothing from numbers`.execute(
    database.admin,
  );
});
afterAll(async () => {
  await watched.close();
  await database.drop();
});

const relation = ['public', 'numbers'] as const;
const settings: Beside['settings'] = [['weir.as_of', '2017-01-01T10:00:00Z']];
const unique = expectation('expect_column_values_to_be_unique', { column: 'id' });
const present = expectation('expect_column_values_to_not_be_null', { column: 'id' });
const seen = expectation('unexpected_rows_expectation', {
  unexpected_rows_query: `select id from {batch} where current_setting('weir.as_of') <> '2017-01-01T10:00:00Z' or current_setting('transaction_read_only') <> 'on'`,
});
const sleeps = expectation('unexpected_rows_expectation', {
  unexpected_rows_query: 'select pg_sleep(60) from {batch}',
});

test('a small batch stays on one connection, a large one has two statements and the same rows and settings', async () => {
  const suite = suiteOf([unique, present, seen]);
  for (const [manyRows, statements] of [
    [undefined, 1],
    [1000, 2],
  ] as const) {
    watched.sent.length = 0;
    const { judged, rows } = await askTable(watched.db, suite, {
      relation,
      beside: { pool: watched.db, settings, ...(manyRows === undefined ? {} : { manyRows }) },
      // Committed after the snapshot: neither connection may see it.
      begun: async () => {
        await sql`insert into numbers values (1, 1)`.execute(database.admin);
      },
    });
    expect([rows, judged.map(({ success, error }) => error?.message ?? success)]).toEqual([
      1000,
      [true, true, true],
    ]);
    expect(measuring(watched.sent)).toHaveLength(statements);
    await sql`delete from numbers where ctid = (select max(ctid) from numbers where id = 1)`.execute(
      database.admin,
    );
  }
});

test('medians have a scan of their own, so that they do not keep the others from running in parallel', async () => {
  const median = (column: string): Json =>
    expectation('expect_column_median_to_be_between', { column, min_value: 4.5, max_value: 500.5 });
  const suite = suiteOf([present, median('id'), median('ten'), unique]);
  for (const [beside, ordered] of [
    [undefined, [true]],
    [{ pool: watched.db, settings, manyRows: 0 }, [false, false, true]],
  ] as const) {
    watched.sent.length = 0;
    const { judged } = await askTable(watched.db, suite, {
      relation,
      ...(beside === undefined ? {} : { beside }),
    });
    expect(judged.map(({ success, error }) => error?.message ?? success)).toEqual([true, true, true, true]);
    const statements = measuring(watched.sent).map((text) => text.includes('within group'));
    expect(statements.toSorted((a, b) => Number(a) - Number(b))).toEqual(ordered);
  }
});

test('a pool without another connection is not waited for', async () => {
  const alone = watchedDatabase(database.adminUrl, 1);
  const { judged } = await askTable(alone.db, suiteOf([unique, present]), {
    relation,
    beside: { pool: alone.db, settings, manyRows: 0 },
  });
  expect(judged.map(({ success }) => success)).toEqual([true, true]);
  expect(measuring(alone.sent)).toHaveLength(2);
  await alone.close();
});

test('a second connection that may not set what the first has set is done without', async () => {
  const { judged } = await askTable(watched.db, suiteOf([unique, present, sleepsNot]), {
    relation,
    beside: { pool: other(), settings: [], manyRows: 0 },
  });
  expect(judged.map(({ success, error }) => error?.message ?? success)).toEqual([true, true, true]);
});

const sleepsNot = expectation('unexpected_rows_expectation', {
  unexpected_rows_query: 'select id from {batch} where false',
});

/** A pool whose connections read another database: no snapshot of ours is known there. */
function other(): Beside['pool'] {
  const url = new URL(database.adminUrl);
  url.pathname = '/postgres';
  const pool = watchedDatabase(url.href, 1);
  return pool.db;
}

async function asleep(): Promise<readonly number[]> {
  const { rows } = await sql<{ pid: number }>`
    select pid from pg_stat_activity
    where datname = current_database() and state = 'active' and wait_event = 'PgSleep'`.execute(
    database.admin,
  );
  return rows.map(({ pid }) => pid);
}

test('when one connection breaks, the other ends too, and the error is thrown', async () => {
  const slow = suiteOf([sleeps, expectation('expect_column_values_to_not_be_null', { column: 'nothing' })]);
  const asked = askTable(watched.db, slow, {
    relation: ['public', 'slow'],
    beside: { pool: watched.db, settings, manyRows: 0 },
  });
  asked.catch(() => undefined);
  await until(async () => (await asleep()).length === 2, { what: 'both are at work' });
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and wait_event = 'PgSleep' and query not like '%count(*) as rows%'`.execute(
    database.admin,
  );
  await expect(asked).rejects.toThrow(/terminat/);
  await until(async () => (await asleep()).length === 0, { what: 'neither is at work' });
});

test('whoever is cancelled cancels both, and that is no verdict', async () => {
  const controller = new AbortController();
  const slow = suiteOf([sleeps, expectation('expect_column_values_to_not_be_null', { column: 'nothing' })]);
  const asked = askTable(watched.db, slow, {
    relation: ['public', 'slow'],
    beside: { pool: watched.db, settings, manyRows: 0, signal: controller.signal },
  });
  asked.catch(() => undefined);
  await until(async () => (await asleep()).length === 2, { what: 'both are at work' });
  controller.abort(new Error('the activity was cancelled'));
  await expect(asked).rejects.toThrow('the activity was cancelled');
  await until(async () => (await asleep()).length === 0, { what: 'neither is at work' });
});
