import { sql, type ControlledTransaction } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ControlTables } from '../../../activities/databases.ts';
import { readModelStates, type ModelStanding } from '../../../catalogue/read/model-states.ts';
import { delivered, loaded, minute } from '../../activities/sample/clockwork.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { heldAt, incident, look } from '../standings.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

// Nothing that a test writes outlives it.
let db: ControlledTransaction<ControlTables>;
beforeEach(async () => {
  db = await database.admin.startTransaction().execute();
});
afterEach(() => db.rollback().execute());

/** How one stands at 03:20, 200 minutes after the beginning. */
async function standing(name: string): Promise<ModelStanding | undefined> {
  return (await readModelStates(await look(db, minute(200)))).get(name);
}

it('what was never published or arrived says so, a view with what it reads', async () => {
  const states = await readModelStates(await look(db, minute(200)));
  expect(new Set([...states.values()].map(({ state }) => state))).toEqual(new Set(['never']));
  expect(states.get('raw_stores')).toMatchObject({ why: 'nothing has arrived yet', since: null });
  expect(states.get('daily_sales_by_store')).toMatchObject({ why: 'a view of fct_daily_sales' });
});

it('fresh within its objective, late beyond it, since the minute in which it ran out', async () => {
  await loaded(db, { model: 'stg_inventory', at: 130 });
  await loaded(db, { model: 'stg_pos_events', at: 100 });
  expect(await standing('stg_inventory')).toEqual({
    state: 'fresh',
    since: new Date(minute(130)),
    why: '1 h 10 min old, to be at most 1 h 15 min',
    waitingBehind: [],
    verdictId: null,
    ageSeconds: 70 * 60,
    objectiveSeconds: 75 * 60,
  });
  expect(await standing('stg_pos_events')).toMatchObject({
    state: 'late',
    since: new Date(minute(175)),
    why: '1 h 40 min old, to be at most 1 h 15 min',
  });
});

it('a late model says where its rows are, and is fresh where nothing used to come at this time of the week', async () => {
  await loaded(db, { model: 'stg_inventory', at: 100 });
  await loaded(db, { model: 'stg_pos_events', at: 100 });
  const sample = (model: string, isGood: boolean, station: string) =>
    sql`
    insert into control.freshness_sample (model, sampled_at, age_seconds, objective_seconds, is_good, station)
    values (${model}, ${minute(199)}, 5940, 4500, ${isGood}, ${station})`.execute(db);
  await sample('stg_inventory', false, 'nobody runs it');
  await sample('stg_pos_events', true, 'nothing to say');
  expect(await standing('stg_inventory')).toMatchObject({
    state: 'late',
    why: '1 h 40 min old, to be at most 1 h 15 min: nobody runs it',
  });
  expect(await standing('stg_pos_events')).toMatchObject({
    state: 'fresh',
    why: '1 h 40 min old: nothing arrived, as usual at this time of the week',
  });
});

it('held at a gate with its verdict; all that is built from it waits behind it, views too, and nothing else', async () => {
  const verdictId = await heldAt(db, 'stg_transactions', minute(130));
  const states = await readModelStates(await look(db, minute(200)));
  expect(states.get('stg_transactions')).toMatchObject({
    state: 'held',
    since: new Date(minute(130)),
    why: 'input gate, suite transactions: 4 of 8 promises broken',
    waitingBehind: [],
    verdictId,
  });
  const waiting = [...states].filter(([, one]) => one.waitingBehind.includes('stg_transactions'));
  expect(waiting.map(([name]) => name).toSorted()).toEqual([
    'daily_sales_by_region',
    'daily_sales_by_store',
    'fct_daily_sales',
    'monthly_sales_by_region',
  ]);
});

it('a gate that could not be checked holds, and says so', async () => {
  await heldAt(db, 'stg_transactions', minute(130), { outcome: 'error' });
  expect(await standing('stg_transactions')).toMatchObject({
    state: 'held',
    why: 'input gate, suite transactions: could not be checked',
  });
});

it('a hold that nobody decided, or whose run is known to have ended, has failed, and nothing waits behind it', async () => {
  await heldAt(db, 'stg_transactions', minute(130), { state: 'expired' });
  expect(await standing('stg_transactions')).toMatchObject({
    state: 'failed',
    why: expect.stringMatching(/4 of 8 promises broken, and nobody decided in time: the next run takes/),
  });
  expect(await standing('fct_daily_sales')).toMatchObject({ waitingBehind: [] });
  await sql`update control.lease set state = 'held'`.execute(db);
  expect(await standing('stg_transactions')).toMatchObject({ state: 'held' });
  await sql`insert into control.watch_ended_run (run_id, ended_at) values ('r', now())`.execute(db);
  expect(await standing('stg_transactions')).toMatchObject({
    state: 'failed',
    why: expect.stringContaining('and its run has ended'),
  });
});

it('an open incident of this installation is a failure, that of an objective is not; what people wrote is redacted', async () => {
  await loaded(db, { model: 'stg_inventory', at: 190 });
  await loaded(db, { model: 'stg_pos_events', at: 190 });
  await incident(db, { relation: 'stg_pos_events', kind: 'freshness', since: minute(180) });
  await incident(db, { relation: 'stg_inventory', since: minute(181), environment: 'other' });
  expect(await standing('stg_inventory')).toMatchObject({ state: 'fresh' });
  expect(await standing('stg_pos_events')).toMatchObject({ state: 'fresh' });
  await incident(db, {
    relation: 'stg_inventory',
    since: minute(182),
    summary: 'ask jo.doe@example.com',
  });
  expect(await standing('stg_inventory')).toMatchObject({
    state: 'failed',
    since: new Date(minute(182)),
    why: 'ask [e-mail]',
    ageSeconds: 600,
  });
  // Its own promise holds again; it is open for what else belongs to it.
  await sql`update control.incident set good_at = now()`.execute(db);
  expect(await standing('stg_inventory')).toMatchObject({ state: 'fresh' });
});

it('a view is as old as the oldest of what it reads, and says what of that is held or failed', async () => {
  for (const model of ['stg_transactions', 'dim_stores']) await loaded(db, { model, at: 195 });
  await loaded(db, { model: 'fct_daily_sales', at: 190 });
  await heldAt(db, 'fct_daily_sales', minute(196));
  expect(await standing('daily_sales_by_store')).toMatchObject({
    state: 'fresh',
    ageSeconds: 600,
    why: 'a view of fct_daily_sales, which is held',
    waitingBehind: ['fct_daily_sales'],
  });
});

it('a source is fresh since something arrived, late when it fell silent, failed when it is no longer what its header says', async () => {
  await delivered(db, 'raw_transactions', 190);
  expect(await standing('raw_transactions')).toMatchObject({
    state: 'fresh',
    since: new Date(minute(190)),
    why: 'brought something 10 min ago',
  });
  await sql`
    insert into control.objective_alarm (alarm, subject, state, severity, since)
    values ('sourceSilent', 'raw_transactions', 'raised', 'error', ${minute(195)})`.execute(db);
  expect(await standing('raw_transactions')).toMatchObject({
    state: 'late',
    since: new Date(minute(195)),
    why: 'silent: at this time of the week something always came',
  });
  await sql`
    insert into control.source_drift (source, column_name, problem, mend, workflow_id, since)
    values ('raw_transactions', 'store_id', 'store_id is text no more', 'change it', 'w', ${minute(197)})`.execute(
    db,
  );
  expect(await standing('raw_transactions')).toMatchObject({
    state: 'failed',
    since: new Date(minute(197)),
    why: 'no longer what its header says: store_id is text no more',
  });
});

it('a source that no model reads stands by when runs read it', async () => {
  const read = (brought: string | null) =>
    sql`
    insert into control.source_read (source, read_at, brought_at) values ('raw_customers', ${minute(190)}, ${brought})
    on conflict (source) do update set brought_at = excluded.brought_at`.execute(db);
  await read(null);
  expect(await standing('raw_customers')).toMatchObject({ state: 'fresh', why: 'read 10 min ago' });
  await read(minute(180));
  expect(await standing('raw_customers')).toMatchObject({
    state: 'fresh',
    why: 'brought something 20 min ago',
    since: new Date(minute(180)),
  });
});

it('of a source that only tells its state, the last load that read it is what is known', async () => {
  await loaded(db, { model: 'dim_stores', at: 140, state: 'empty', pipeline: 'daily' });
  expect(await standing('raw_stores')).toMatchObject({
    state: 'fresh',
    since: new Date(minute(140)),
    why: 'read 1 h ago',
    ageSeconds: null,
  });
});

it('reads once a look, whatever the number of pages', async () => {
  const site = await look(db, minute(200));
  const read = readModelStates(site);
  expect(readModelStates(site)).toBe(read);
  await read;
});
