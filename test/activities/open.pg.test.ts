import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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

const model = 'stg_transactions';
const [monday, tuesday] = [runOf('monday'), runOf('tuesday')];

describe('a window', () => {
  test('begins at the watermark and ends at a snapshot taken now', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const first = await shop.openWindow(model, monday);
    const { attempt } = await shop.stage({ loadId: first.loadId, run: monday });
    await shop.publish({ loadId: first.loadId, run: monday, attempt });
    await shop.land([{ id: 'b' }], { file: 'two' });
    const second = await shop.openWindow(model, tuesday);

    const [before, after] = [
      (await shop.ledger(first.loadId)).window,
      (await shop.ledger(second.loadId)).window,
    ];
    if (before.kind !== 'arrival' || after.kind !== 'arrival') throw new Error('not by arrival');
    expect(before.deltas['raw_transactions']?.from).toBeNull();
    expect(after.deltas['raw_transactions']?.from).toBe(before.deltas['raw_transactions']?.to);
    expect((await shop.stage({ loadId: second.loadId, run: tuesday })).rowsRead).toBe(1);
  });

  test('is opened once however often the activity is tried', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const first = await shop.openWindow(model, monday);
    await shop.land([{ id: 'b' }], { file: 'two' });
    expect(await shop.openWindow(model, monday)).toEqual(first);
    await shop.stage({ loadId: first.loadId, run: monday });
    expect(await shop.openWindow(model, monday)).toEqual(first);
  });

  test('that replaces another begins where that one did and ends now', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const first = await shop.openWindow(model, monday);
    await shop.stage({ loadId: first.loadId, run: monday });
    await shop.land([{ id: 'b' }], { file: 'two' });
    const second = await shop.openWindow(model, monday, { replaces: first.loadId });
    expect(second.loadId).not.toBe(first.loadId);
    expect(await shop.openWindow(model, monday, { replaces: first.loadId })).toEqual(second);
    expect((await shop.ledger(first.loadId)).state).toBe('abandoned');
    expect((await shop.stage({ loadId: second.loadId, run: monday })).rowsRead).toBe(2);
  });

  test('without rows is empty, and publishing it moves the watermark only', async () => {
    expect(await shop.openWindow(model, monday)).toMatchObject({ empty: true });
    expect(await shop.load(model, monday)).toMatchObject({ state: 'empty', inserted: 0 });
    const rows = await shop.admin.selectFrom('control.watermark').select('model').execute();
    expect(rows).toEqual([{ model }]);
    expect(await shop.admin.selectFrom('control.lease').selectAll().execute()).toEqual([]);
  });

  test('with nothing but a retraction is not empty', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    await shop.load(model, monday);
    await shop.retract('one', 1);
    expect(await shop.openWindow(model, tuesday)).toMatchObject({ empty: false });
  });

  test('by event time reads the rows of its interval and moves no watermark', async () => {
    const sales = [
      '2017-01-09T23:59:59',
      '2017-01-10T00:00:00',
      '2017-01-10T23:59:59',
      '2017-01-11T00:00:00',
    ];
    await shop.land(
      sales.map((at, index) => ({ id: `t${index}`, at })),
      { file: 'one' },
    );
    const interval = { start: '2017-01-10T00:00:00Z', end: '2017-01-11T00:00:00Z' };
    expect(await shop.load(model, monday, { interval })).toMatchObject({ state: 'published', inserted: 2 });
    expect((await shop.silver()).map(({ id }) => id)).toEqual(['t1', 't2']);
    expect(await shop.admin.selectFrom('control.watermark').selectAll().execute()).toEqual([]);
  });
});

describe('a lease', () => {
  test('makes another run wait until it is free', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    await shop.openWindow(model, monday);
    let opened = false;
    const waiting = shop.openWindow(model, tuesday).then((answer) => {
      opened = true;
      return answer;
    });
    await shop.openWindow('stg_pos_events', tuesday);
    expect(opened).toBe(false);
    const busy = shop.open({ model, pipeline: 'hourly', asOf: '2017-01-31T01:00:00Z', run: tuesday });
    await expect(busy).rejects.toMatchObject({ type: 'LeaseBusy', nonRetryable: false });
    await shop.load(model, monday);
    expect(await waiting).toMatchObject({ state: 'open' });
  });

  test('of a held model is not waited for', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const { loadId } = await shop.openWindow(model, monday);
    const verdictId = '6f7f9a50-0000-4000-8000-000000000001';
    const held = await shop.hold({ loadId, model, verdictId, run: monday });
    const answer = await shop.open({ model, pipeline: 'hourly', asOf: '2017-01-31T01:00:00Z', run: tuesday });
    expect(answer).toEqual({ ...held, by: monday, verdictId });
    expect(await shop.hold({ loadId, model, verdictId, run: monday })).toEqual(held);
  });

  test('of a run that has ended is taken over, and its load is abandoned', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const left = await shop.openWindow(model, monday);
    const { attempt } = await shop.stage({ loadId: left.loadId, run: monday });
    await shop.hold({
      loadId: left.loadId,
      model,
      verdictId: '6f7f9a50-0000-4000-8000-000000000001',
      run: monday,
    });
    shop.end(monday);

    expect(await shop.load(model, tuesday)).toMatchObject({ state: 'published', inserted: 1 });
    expect((await shop.ledger(left.loadId)).state).toBe('abandoned');
    await expect(shop.publish({ loadId: left.loadId, run: monday, attempt })).rejects.toMatchObject({
      type: 'StaleAttempt',
    });
    await expect(shop.stage({ loadId: left.loadId, run: monday })).rejects.toMatchObject({
      type: 'StaleAttempt',
    });
    await expect(
      shop.hold({
        loadId: left.loadId,
        model,
        verdictId: '6f7f9a50-0000-4000-8000-000000000001',
        run: monday,
      }),
    ).rejects.toMatchObject({ type: 'StaleAttempt' });
    expect(await candidates()).toEqual([]);
  });

  test('stays with a workflow that was reset, whose new run loads anew', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const before = await shop.openWindow(model, monday);
    const again = runOf('monday', 'monday-second');
    const after = await shop.openWindow(model, again);
    expect(after.loadId).not.toBe(before.loadId);
    expect((await shop.ledger(before.loadId)).state).toBe('abandoned');
  });

  test('is one of many runs at a time', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const runs = ['a', 'b', 'c', 'd'].map((name) => runOf(name));
    const published = await Promise.all(runs.map((run) => shop.load(model, run)));
    expect(published.map(({ state }) => state).toSorted()).toEqual(['empty', 'empty', 'empty', 'published']);
  });

  test('is given back by a release, and the rows come with the next run', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    const { loadId } = await shop.openWindow(model, monday);
    await shop.stage({ loadId, run: monday });
    await shop.release({ loadId, model, run: monday, outcome: 'abandoned' });
    expect((await shop.ledger(loadId)).state).toBe('abandoned');
    expect(await candidates()).toEqual([]);
    expect(await shop.load(model, tuesday)).toMatchObject({ inserted: 1 });
    await shop.release({ loadId, model, run: monday, outcome: 'abandoned' });
  });
});

describe('a watermark of another place', () => {
  test('stops the load and says how to go on', async () => {
    await shop.load(model, monday);
    await sql`update control.watermark set timeline = timeline + 1`.execute(shop.admin);
    const refused = shop.openWindow(model, tuesday);
    await expect(refused).rejects.toMatchObject({ type: 'WatermarkForeign', nonRetryable: true });
    await expect(refused).rejects.toThrow(/weir watermark adopt --all/);
  });

  test('is refused on a standby', async () => {
    await sql`create schema standby`.execute(shop.admin);
    await sql`create function standby.pg_is_in_recovery() returns boolean language sql return true`.execute(
      shop.admin,
    );
    await sql`grant usage on schema standby to public`.execute(shop.admin);
    const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(shop.admin);
    await sql`alter database ${sql.id(rows[0]?.name ?? '')} set search_path = standby, pg_catalog, public`.execute(
      shop.admin,
    );
    await until(
      async () => {
        // Connections that are open already keep the search path they began with.
        await sql`select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()
        and datname = current_database()`.execute(shop.admin);
        const answer = await shop.openWindow(model, monday).catch((error: unknown) => error);
        return answer instanceof Error && answer.message.includes('standby');
      },
      { what: 'a standby is refused' },
    );
  });
});

async function candidates(): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class where relnamespace = 'candidate'::regnamespace and relkind = 'r'`.execute(
    shop.admin,
  );
  return rows.map(({ name }) => name);
}
