import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Databases } from '../../activities/databases.ts';
import { endEmptyInterval } from '../../activities/end-empty.ts';
import { createOpen } from '../../activities/open.ts';
import { readPublishedModel } from '../../activities/published-model.ts';
import { until } from '../poll.ts';
import { asOf, folders, openShop, runOf } from './shop.ts';
import type { Shop } from './shop.ts';

const model = 'stg_transactions';
const [monday, tuesday, wednesday] = [runOf('monday'), runOf('tuesday'), runOf('wednesday')];
const hour = { start: '2017-01-30T03:00:00Z', end: '2017-01-30T04:00:00Z' };

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.database.drop());

function open(run = monday, more = {}, stations = shop) {
  return stations.open({ model, pipeline: 'hourly', asOf, run, ...more });
}

/** Opens by connections of which one is given up before its work: what a kill of the worker leaves. */
function killedBefore(broken: 'publisher', databases: Databases = shop.database.databases) {
  const gone = new Proxy(databases[broken], {
    get: () => () => {
      throw new Error('the worker was killed');
    },
  });
  return createOpen({ databases: { ...databases, [broken]: gone }, folders, isRunOpen: async () => true });
}

async function loads() {
  return shop.admin
    .selectFrom('control.load')
    .select(['load_id', 'state', 'workflow_id'])
    .where('model', '=', model)
    .orderBy('load_id')
    .execute();
}

async function leases() {
  return shop.admin.selectFrom('control.lease').select(['model', 'workflow_id']).execute();
}

async function watermark(): Promise<string | null> {
  const row = await shop.admin
    .selectFrom('control.watermark')
    .select('snapshot')
    .where('model', '=', model)
    .executeTakeFirst();
  return row?.snapshot ?? null;
}

describe('an empty window by arrival', () => {
  test('ends with open: watermark, ledger and lease, and publishing it afterwards changes nothing', async () => {
    const opened = await open();
    expect(opened).toMatchObject({ state: 'open', empty: true, ended: true });
    if (opened.state !== 'open') throw new Error('held');
    const moved = await watermark();
    expect(moved).not.toBeNull();
    expect(await leases()).toEqual([]);
    expect(await loads()).toMatchObject([{ state: 'empty' }]);
    expect((await shop.ledger(opened.loadId)).rowsInserted).toBe(0);
    // As a run does whose history is of an earlier version.
    await shop.land([{ id: 'a' }], { file: 'one' });
    expect(await shop.publish({ loadId: opened.loadId, run: monday, attempt: 0 })).toMatchObject({
      state: 'empty',
    });
    expect(await watermark()).toBe(moved);
    expect(await shop.load(model, tuesday)).toMatchObject({ state: 'published', inserted: 1 });
  });

  test('is ended once, however often open is tried after its answer was lost', async () => {
    const first = await open();
    const moved = await watermark();
    await shop.land([{ id: 'a' }], { file: 'one' });
    expect(await open()).toEqual(first);
    expect(await watermark()).toBe(moved);
    expect(await leases()).toEqual([]);
    expect(await loads()).toHaveLength(1);
  });

  test('that a kill leaves between ledger and watermark is ended by the next attempt', async () => {
    await expect(open(monday, {}, { ...shop, ...killedBefore('publisher') })).rejects.toThrow();
    expect(await watermark()).toBeNull();
    expect(await loads()).toMatchObject([{ state: 'open' }]);
    expect(await open()).toMatchObject({ empty: true, ended: true });
    expect(await watermark()).not.toBeNull();
    expect(await loads()).toMatchObject([{ state: 'empty' }]);
    expect(await leases()).toEqual([]);
  });

  test('of an attempt whose run has lost the model moves no watermark', async () => {
    await expect(open(monday, {}, { ...shop, ...killedBefore('publisher') })).rejects.toThrow();
    shop.end(monday);
    await shop.land([{ id: 'a' }], { file: 'one' });
    expect(await shop.load(model, tuesday)).toMatchObject({ state: 'published', inserted: 1 });
    const moved = await watermark();
    const [left] = await loads();
    expect(left).toMatchObject({ state: 'abandoned', workflow_id: 'monday' });
    const stale = shop.publish({ loadId: left?.load_id ?? 0, run: monday, attempt: 0 });
    await expect(stale).rejects.toMatchObject({ type: 'StaleAttempt' });
    expect(await watermark()).toBe(moved);
  });

  test('waits for another live run, as any other', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    await open(monday);
    await shop.admin.deleteFrom('control.lease_wanted').execute();
    await expect(open(tuesday)).rejects.toMatchObject({ type: 'LeaseBusy' });
  });

  test('of a watermark from elsewhere is refused', async () => {
    await open();
    await sql`update control.watermark set timeline = timeline + 1`.execute(shop.admin);
    await expect(open(tuesday)).rejects.toMatchObject({ type: 'WatermarkForeign' });
    expect(await loads()).toHaveLength(1);
  });

  test('of runs side by side moves the watermark forward only, and loses no row', async () => {
    const runs = Array.from({ length: 6 }, (_, index) => runOf(`run-${index}`));
    const landed = shop.land([{ id: 'a' }], { file: 'one' });
    const ended = await Promise.all(runs.map((run) => shop.load(model, run)));
    await landed;
    const last = await shop.load(model, wednesday);
    const inserted = [...ended, last].map((one) => (one.state === 'stale' ? 0 : one.inserted));
    expect(inserted.reduce((sum, one) => sum + one, 0)).toBe(1);
    expect((await shop.silver()).map(({ id }) => id)).toEqual(['a']);
  });
});

describe('an empty window by event time', () => {
  const interval = { interval: hour };

  test('needs no lease and moves no watermark', async () => {
    await shop.land([{ id: 'a' }], { file: 'one' });
    await open(tuesday);
    const opened = await open(monday, interval);
    expect(opened).toMatchObject({ state: 'open', empty: true, ended: true });
    expect(await watermark()).toBeNull();
    expect(await leases()).toEqual([{ model, workflow_id: 'tuesday' }]);
    const row = await shop.admin
      .selectFrom('control.load')
      .selectAll()
      .where('workflow_id', '=', 'monday')
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      ...{ state: 'empty', is_empty: true, rows_inserted: 0, rows_deleted: 0, slot_end: null },
      ...{ interval_start: new Date(hour.start), interval_end: new Date(hour.end) },
    });
    expect(row.published_at).not.toBeNull();
  });

  test('is written once, by attempts one after the other or side by side', async () => {
    const answers = await Promise.all([open(monday, interval), open(monday, interval)]);
    answers.push(await open(monday, interval));
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(await loads()).toHaveLength(1);
  });

  test('with a row in it takes the lease and stays open', async () => {
    await shop.land([{ id: 'a', at: '2017-01-30T03:59:59' }], { file: 'one' });
    const opened = await open(monday, interval);
    expect(opened).toMatchObject({ empty: false });
    expect(opened).not.toHaveProperty('ended');
    expect(await leases()).toEqual([{ model, workflow_id: 'monday' }]);
    await expect(open(tuesday, interval)).rejects.toMatchObject({ type: 'LeaseBusy' });
  });

  test('that is being looked at is let go of when its run is cancelled', async () => {
    const run = new AbortController();
    const loaded = await readPublishedModel(folders, model);
    await shop.admin.transaction().execute(async (other) => {
      await sql`lock table bronze.raw_transactions in access exclusive mode`.execute(other);
      const input = { model, pipeline: 'hourly', asOf, run: monday, ...interval };
      const ending = endEmptyInterval(shop.database.databases.loader, loaded, input, run.signal).catch(
        (error: unknown) => error,
      );
      await until(
        async () => {
          const { rows } = await sql`
            select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
            shop.admin,
          );
          return rows.length === 1;
        },
        { what: 'it waits for the table' },
      );
      run.abort();
      expect(await ending).toMatchObject({ code: '57014' });
    });
    expect(await loads()).toEqual([]);
  });

  test('many at once have a row each', async () => {
    const runs = Array.from({ length: 20 }, (_, index) => runOf(`hour-${index}`));
    await Promise.all(runs.map((run) => open(run, interval)));
    expect(new Set((await loads()).map((row) => row.workflow_id)).size).toBe(20);
    expect(await leases()).toEqual([]);
  });
});
