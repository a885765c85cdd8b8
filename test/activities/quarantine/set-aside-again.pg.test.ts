import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JsonObject } from '../../../expectations/json.ts';
import { markSuperseded } from '../../../activities/quarantine/mark-superseded.ts';
import { releaseRows } from '../../../activities/quarantine/release.ts';
import { readGraph } from '../../../activities/repository.ts';
import type { OpenInput } from '../../../activities/open.ts';
import { readLoad } from '../../../activities/load.ts';
import { applyWindow } from '../../../activities/load-window.ts';
import { readPublishedModel } from '../../../activities/published-model.ts';
import { correctionSetAside } from '../../../models/statements/quarantine.ts';
import { chore } from '../housekeeping-shop.ts';
import { folders, runOf } from '../shop.ts';
import { aside, gatedShop, knownStores, MODEL, sale } from './gated-shop.ts';
import type { GatedShop } from './gated-shop.ts';

let shop: GatedShop;
beforeEach(async () => {
  shop = await gatedShop();
  await sql`insert into gold.dim_stores (store_id) values ('STORE_00001')`.execute(shop.admin);
  await shop.promise(MODEL, [knownStores()]);
  await shop.promise('transactions', arriving());
});
afterEach(() => shop.close());

const BAD = 'STORE_99999';

/** Promises of the input gate: its header's parameters have to be asked for. */
function arriving(): readonly JsonObject[] {
  const set = { column: 'store_id', value_set: { $PARAMETER: 'valid_store_ids' } };
  const count = { min_value: { $PARAMETER: 'min_rows' }, max_value: { $PARAMETER: 'max_rows' } };
  const age = { $PARAMETER: 'now() - timedelta(minutes=max_staleness_minutes)' };
  const time = { column: 'transaction_timestamp', min_value: age };
  return [
    knownStores(),
    { type: 'expect_column_values_to_be_in_set', kwargs: set, severity: 'info' },
    { type: 'expect_table_row_count_to_be_between', kwargs: count, severity: 'info' },
    { type: 'expect_column_max_to_be_between', kwargs: time, severity: 'info' },
  ];
}

/** One load whose gate sets aside what is bad. */
async function load(gate: 'input' | 'output', name: string, more: Partial<OpenInput> = {}) {
  const run = runOf(name);
  const { loadId } = await shop.openWindow(MODEL, run, more);
  const attempt = gate === 'output' ? (await shop.stage({ loadId, run })).attempt : 0;
  const verdict = await shop.look({ loadId, run, attempt }, gate);
  if (verdict.blocks) await shop.setAside({ loadId, run, attempt }, verdict);
  const staged = gate === 'output' ? attempt : (await shop.stage({ loadId, run })).attempt;
  return shop.publish({ loadId, run, attempt: staged });
}

test.each(['output', 'input'] as const)(
  'a rebuild whose %s gate sets a correction aside leaves the row that it was to correct',
  async (gate) => {
    await shop.land([sale('a'), { ...sale('b'), amount: 3 }, sale('c')], { file: 'one' });
    await load(gate, 'monday');
    await shop.retract('one', 1);
    await shop.land([sale('a'), { ...sale('b', BAD), amount: 4 }], { file: 'one', revision: 2 });
    await load(gate, 'tuesday');
    expect(await shop.silver()).toMatchObject([{ id: 'a' }, { id: 'b', amount: 3 }]);
    await load(gate, 'wednesday', { rebuild: true });
    expect(await shop.silver()).toMatchObject([{ id: 'a' }, { id: 'b', amount: 3 }]);
  },
);

test.each(['output', 'input'] as const)(
  'what was overtaken after an %s gate set it aside is kept for a month yet',
  async (gate) => {
    await shop.land([sale('a'), sale('b', BAD)], { file: 'one' });
    await load(gate, 'monday');
    await shop.land([sale('b')], { file: 'two' });
    await load(gate, 'tuesday');
    expect(await markSuperseded(shop.database.databases.loader, await readGraph(folders))).toBe(1);
    const { rows } = await sql`
      select state, round(extract(epoch from expires_at - pg_catalog.now()) / 86400)::int as days
      from control.batch_quarantine`.execute(shop.admin);
    expect(rows).toEqual([{ state: 'superseded', days: 30 }]);
  },
);

test('a bad correction without a key says nothing of rows that have one', async () => {
  await shop.land([sale('a'), sale('b')], { file: 'one' });
  await load('input', 'monday');
  await shop.retract('one', 1);
  await shop.land([sale('a'), sale('b', BAD), { ...sale('', BAD), id: null }], { file: 'one', revision: 2 });
  await load('input', 'tuesday');
  const { model } = await readPublishedModel(folders, MODEL);
  // As a model whose SELECT keeps rows without a key, and has its gate set them aside.
  const unfiltered = { ...model, sql: model.sql.replace('transaction_id is not null', 'true') };
  const { rows } = await shop.admin.transaction().execute(async (trx) => {
    const { loadId, window, asOf } = await readLoad(trx, 2);
    await applyWindow(trx, window, asOf);
    return sql`select transaction_id as id, ${correctionSetAside(unfiltered, loadId, 't')} as stands
      from silver.stg_transactions as t order by 1`.execute(trx);
  });
  expect(rows).toEqual([
    { id: 'a', stands: false },
    { id: 'b', stands: true },
  ]);
});

test('what was released stays so when its record expires: its key may fall back to it', async () => {
  await shop.land([sale('a'), sale('b', BAD)], { file: 'one' });
  await load('input', 'monday');
  await sql`update control.batch_quarantine set state = 'released', expires_at = pg_catalog.now() - interval '1 day'`.execute(
    shop.admin,
  );
  expect((await chore(shop, 'books')).done).toEqual(['took 1 expired row in quarantine']);
  const { rows } = await sql`select state, record from control.batch_quarantine`.execute(shop.admin);
  expect(rows).toEqual([{ state: 'released', record: {} }]);
});

test('a row that another model has published under its old key is not mended to another one', async () => {
  await shop.land([sale('a'), sale('b', BAD)], { file: 'one' });
  await load('input', 'monday');
  // A second model over the source, whose gate let the row through.
  await sql`create table silver.stg_others (like silver.stg_transactions including all)`.execute(shop.admin);
  await sql`grant select on silver.stg_others to weir_loader`.execute(shop.admin);
  await sql`insert into silver.stg_others (transaction_id, _source, _revision, _load, _position)
    select transaction_id, _source, _revision, _load, _position from bronze.raw_transactions`.execute(
    shop.admin,
  );
  const graph = await readGraph(folders);
  const { model } = await readPublishedModel(folders, MODEL);
  const other = { ...model, name: 'stg_others', relation: 'silver.stg_others' };
  const both = {
    ...graph,
    models: [...graph.models, other],
    byName: new Map([...graph.byName, [other.name, other] as const]),
  };
  const release = (set: JsonObject) =>
    releaseRows(shop.database.databases.loader, both, {
      filter: { relation: MODEL },
      set,
      record: null,
      reason: 'mended',
      by: 'test',
    });
  await expect(release({ transaction_id: 'c', store_id: 'STORE_00001' })).rejects.toThrow(
    'stg_others has published a row of raw_transactions under the key',
  );
  expect(await release({ store_id: 'STORE_00001' })).toMatchObject({ released: ['b1'] });
  const { rows } = await sql`
    select state, round(extract(epoch from expires_at - pg_catalog.now()) / 86400)::int as days
    from control.batch_quarantine`.execute(shop.admin);
  expect(rows).toEqual([{ state: 'released', days: 30 }]);
  await load('input', 'tuesday');
  expect((await shop.silver()).map(({ id }) => id)).toEqual(['a', 'b']);
});

test('a row computed from several is superseded once its key was computed again, and not before', async () => {
  const [fact, store] = ['fct_daily_sales', 'STORE_00002'];
  const computed = async (name: string) => {
    await shop.load(MODEL, runOf(name));
    const staged = await shop.staged(runOf(name), fact);
    const verdict = await shop.look(staged, 'output', fact);
    if (verdict.blocks) await shop.setAside(staged, verdict);
    await shop.publish(staged);
    await markSuperseded(shop.database.databases.loader, await readGraph(folders));
    const { rows } = await sql<{ state: string }>`select state from control.batch_quarantine`.execute(
      shop.admin,
    );
    return rows.map(({ state }) => state);
  };
  const few = { column: 'gross_sales', max_value: 25 };
  await shop.promise(fact, [aside('expect_column_values_to_be_between', few)]);
  await shop.land([sale('a'), sale('b', store)], { file: 'one' });
  expect(await computed('monday')).toEqual([]);
  await shop.land([{ ...sale('c', store), amount: 90 }, sale('d')], { file: 'two' });
  expect(await computed('tuesday')).toEqual(['waiting']);
  await shop.land([sale('e', 'STORE_00003')], { file: 'three' });
  expect(await computed('wednesday')).toEqual(['waiting']);
  await shop.land([{ ...sale('c', store), amount: 1 }], { file: 'four' });
  expect(await computed('thursday')).toEqual(['superseded']);
});

test('two deliveries of one record, mended alike, are one record still', async () => {
  const once = { ...knownStores(), meta: { weir: { on_failure: 'quarantine', quarantine_share: 1 } } };
  const unique = {
    type: 'expect_column_values_to_be_unique',
    kwargs: { column: 'transaction_id' },
    severity: 'critical',
  };
  await shop.promise('transactions', [once, unique, ...arriving().slice(1)]);
  await shop.land([sale('b', BAD), sale('b', BAD)], { file: 'one' });
  await sql`update bronze.raw_transactions set _record_hash = md5('same')::uuid`.execute(shop.admin);
  await load('input', 'monday');
  const { loader } = shop.database.databases;
  const set = { store_id: 'STORE_00001' };
  const request = { filter: { relation: MODEL }, set, record: null, reason: 'mended', by: 'test' };
  expect(await releaseRows(loader, await readGraph(folders), request)).toMatchObject({
    released: ['b1', 'b2'],
  });
  expect(await load('input', 'tuesday')).toMatchObject({ inserted: 1, quarantined: 0 });
});

test('a row that its file took back goes, although what another file says of its key is bad, which waits', async () => {
  await shop.land([sale('c', BAD)], { file: 'older' });
  await shop.land([sale('c')], { file: 'newer' });
  await load('output', 'monday');
  await shop.retract('newer', 1);
  await shop.land([sale('a')], { file: 'newer', revision: 2 });
  await load('output', 'tuesday');
  expect((await shop.silver()).map(({ id }) => id)).toEqual(['a']);
  const { loader } = shop.database.databases;
  const graph = await readGraph(folders);
  const request = {
    filter: {},
    set: { store_id: 'STORE_00002' },
    record: null,
    reason: 'mended',
    by: 'test',
  };
  expect(await releaseRows(loader, graph, request)).toMatchObject({ released: ['b1'] });
  await load('output', 'wednesday');
  expect(await shop.silver()).toMatchObject([{ id: 'a' }, { id: 'c', store: 'STORE_00002' }]);
});
