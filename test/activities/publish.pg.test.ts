import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabases } from '../../workers/databases.ts';
import { until } from '../poll.ts';
import { lossyWay } from './lost-answer.ts';
import { openShop, runOf, stationsOf } from './shop.ts';
import type { Shop } from './shop.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(async () => {
  await shop.database.drop();
});

const model = 'stg_transactions';
const [monday, tuesday] = [runOf('monday'), runOf('tuesday')];

async function staged(run = monday) {
  const { loadId } = await shop.openWindow(model, run);
  const { attempt } = await shop.stage({ loadId, run });
  return { loadId, attempt, run };
}

/** What a publish may change, as text that can be compared. */
async function everything(): Promise<string> {
  const { rows } = await sql<{ all: string }>`select concat_ws(' ',
    (select jsonb_agg(t order by transaction_id) from silver.stg_transactions t),
    (select jsonb_agg(w order by relation) from control.watermark w),
    (select jsonb_agg(to_jsonb(l) - 'attempt' order by load_id) from control.load l),
    (select jsonb_agg(g order by model) from control.target g),
    (select jsonb_agg(c) from changes.stg_transactions c)) as all`.execute(shop.admin);
  return rows[0]?.all ?? '';
}

describe('publish', () => {
  test('counts what it wrote', async () => {
    await shop.land([{ id: 'a' }, { id: 'b' }, { id: 'b', amount: 12 }, { id: null }], { file: 'one' });
    const { loadId, attempt, run } = await staged();
    expect(await shop.ledger(loadId)).toMatchObject({
      rowsRead: 4,
      rowsStaged: 2,
      rowsSuperseded: 1,
      rowsLeftOut: 1,
    });
    const answer = { state: 'published', inserted: 2, updated: 0, unchanged: 0, deleted: 0, quarantined: 1 };
    expect(await shop.publish({ loadId, run, attempt })).toEqual(answer);

    await shop.land([{ id: 'b', amount: 13 }, { id: 'c' }], { file: 'two' });
    expect(await shop.load(model, tuesday)).toMatchObject({ inserted: 1, updated: 1 });
    expect(await shop.silver()).toMatchObject([
      { id: 'a', amount: 10 },
      { id: 'b', amount: 13 },
      { id: 'c' },
    ]);
  });

  test('keeps what the SELECT left out, with its place and the reason, once', async () => {
    await shop.land([{ id: 'a' }, { id: null }], { file: 'one' });
    const { loadId, run } = await staged();
    await shop.stage({ loadId, run });
    const kept = await shop.admin
      .selectFrom('control.quarantine')
      .select(['relation', 'file', 'position', 'reason', 'load_id'])
      .execute();
    expect(kept).toEqual([
      {
        relation: 'silver.stg_transactions',
        file: 'one',
        position: 2,
        reason: expect.stringContaining('left out'),
        load_id: loadId,
      },
    ]);
  });

  test('frees the lease and drops the candidate in its transaction', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    await shop.load(model, monday);
    const { rows } = await sql`select from pg_class where relnamespace = 'candidate'::regnamespace`.execute(
      shop.admin,
    );
    expect(rows).toEqual([]);
    expect(await shop.admin.selectFrom('control.lease').selectAll().execute()).toEqual([]);
  });

  test('names the override in the ledger', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const load = await staged();
    const verdictId = '6f7f9a50-0000-4000-8000-000000000001';
    await shop.publish({ ...load, override: { verdictId } });
    const row = await shop.admin
      .selectFrom('control.load')
      .select('override_verdict_id')
      .executeTakeFirstOrThrow();
    expect(row.override_verdict_id).toBe(verdictId);
  });

  test('says what it was told before when it is called again', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const load = await staged();
    const first = await shop.publish(load);
    const before = await everything();
    expect(await shop.publish(load)).toEqual(first);
    expect(await everything()).toBe(before);
  });

  test('of one load by two at once publishes once', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const load = await staged();
    const [one, other] = await Promise.all([shop.publish(load), shop.publish(load)]);
    expect(other).toEqual(one);
    const row = await shop.admin.selectFrom('control.target').select('publishes').executeTakeFirstOrThrow();
    expect(row.publishes).toBe(1);
  });

  test('whose answer to COMMIT was lost is settled by the ledger', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const load = await staged();
    const way = await lossyWay(shop.database.adminUrl);
    const databases = openDatabases(way.url, 'test lossy', 2);
    try {
      const lossy = stationsOf(databases);
      way.loseNextCommit();
      await expect(lossy.publish(load)).rejects.toThrow();
      expect(way.lost()).toBe(1);
      expect(await shop.silver()).toHaveLength(1);
      expect(await lossy.publish(load)).toMatchObject({ state: 'published', inserted: 1 });
    } finally {
      await databases.close();
      await way.close();
    }
  });
});

describe('nothing moves', () => {
  test.each([
    ['of the server may pass, and is tried again', '53100', false],
    ['of the rows lasts, and is told at once', '23514', true],
  ])('when the target refuses a row: trouble %s', async (_what, sqlstate, nonRetryable) => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const load = await staged();
    await sql`create function silver.refuse() returns trigger language plpgsql as
      $$ begin raise exception 'no' using errcode = ${sql.lit(sqlstate)}; end $$`.execute(shop.admin);
    await sql`create trigger refuse before insert on silver.stg_transactions for each row execute function silver.refuse()`.execute(
      shop.admin,
    );
    const before = await everything();
    await expect(shop.publish(load)).rejects.toMatchObject({ type: 'PostgresError', nonRetryable });
    expect(await everything()).toBe(before);
    await sql`drop trigger refuse on silver.stg_transactions`.execute(shop.admin);
    expect(await shop.publish(load)).toMatchObject({ state: 'published', inserted: 1 });
  });

  test.each([
    ['lost rows', (name: string) => sql`truncate ${sql.id('candidate', name)}`, /0 of the 1 rows/],
    ['is gone', (name: string) => sql`drop table ${sql.id('candidate', name)}`, /is gone/],
    [
      'stands against other columns',
      () => sql`alter table silver.stg_transactions add column more text`,
      /columns/,
    ],
    [
      'stands against another publish',
      () => sql`update control.target set publishes = publishes + 1`,
      /published 1 times/,
    ],
  ])('when the candidate %s: stage and gate again', async (_what, change, reason) => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    await shop.load(model, tuesday);
    await shop.land([{ id: 'b' }], { file: 'two' });
    const load = await staged();
    await change((await shop.ledger(load.loadId)).candidate ?? '').execute(shop.admin);
    const watermark = await shop.admin.selectFrom('control.watermark').selectAll().execute();
    const answer = await shop.publish(load);
    expect(answer).toMatchObject({ state: 'stale', reason: expect.stringMatching(reason) });
    expect(await shop.admin.selectFrom('control.watermark').selectAll().execute()).toEqual(watermark);
    expect((await shop.ledger(load.loadId)).state).toBe('staged');
  });

  test('by a stage that wakes late', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const { loadId } = await shop.openWindow(model, monday);
    let woken: Promise<unknown> = Promise.resolve();
    await shop.admin.transaction().execute(async (trx) => {
      // Keeps the first attempt from reading its delta while the second takes its place.
      await sql`lock table bronze.raw_transactions in access exclusive mode`.execute(trx);
      woken = shop.stage({ loadId, run: monday }).catch((error: unknown) => error);
      await blocked(1);
      await sql`update control.load set attempt = attempt + 1 where load_id = ${loadId}`.execute(shop.admin);
    });
    expect(await woken).toMatchObject({ type: 'StaleAttempt', nonRetryable: true });
    expect(await shop.ledger(loadId)).toMatchObject({ state: 'open', candidate: null });
  });

  test('by a publish that wakes after another stage, whose candidate no gate has seen', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const load = await staged();
    await shop.stage(load);
    const before = await everything();
    await expect(shop.publish(load)).rejects.toMatchObject({ type: 'StaleAttempt' });
    expect(await everything()).toBe(before);
  });

  test('by a load that was not staged', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const { loadId } = await shop.openWindow(model, monday);
    await expect(shop.publish({ loadId, run: monday, attempt: 0 })).rejects.toMatchObject({
      type: 'StaleAttempt',
    });
  });

  test('by a run that lost its lease', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const load = await staged();
    await sql`update control.lease set workflow_id = 'somebody'`.execute(shop.admin);
    await expect(shop.publish(load)).rejects.toMatchObject({ type: 'StaleAttempt' });
  });

  test.each([null, 'first'])('over a watermark that has moved (before: %s)', async (before) => {
    if (before !== null) await shop.load(model, tuesday);
    await shop.land([{ id: 'a' }], { file: 'one' });
    const load = await staged();
    await sql`insert into control.watermark (model, relation, snapshot, system_identifier, timeline, load_id)
      values (${model}, 'raw_transactions', '1:1:', '1', 1, ${load.loadId})
      on conflict (model, relation) do update set snapshot = excluded.snapshot`.execute(shop.admin);
    await expect(shop.publish(load)).rejects.toMatchObject({ type: 'StaleAttempt' });
    expect(await shop.silver()).toEqual([]);
  });
});

async function blocked(sessions: number): Promise<void> {
  await until(
    async () => {
      const { rows } = await sql<{ waiting: number }>`select count(*) as waiting from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(shop.admin);
      return (rows[0]?.waiting ?? 0) >= sessions;
    },
    { what: 'a session waits for a lock' },
  );
}
