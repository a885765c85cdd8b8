import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../expectations/json.ts';
import { readKept } from '../../../activities/quarantine/kept-rows.ts';
import type { Kept, KeptFilter } from '../../../activities/quarantine/kept-rows.ts';
import { markSuperseded } from '../../../activities/quarantine/mark-superseded.ts';
import { releaseRows } from '../../../activities/quarantine/release.ts';
import type { Released } from '../../../activities/quarantine/release.ts';
import { readGraph } from '../../../activities/repository.ts';
import type { Graph } from '../../../models/graph.ts';
import { folders, runOf } from '../shop.ts';
import { aside, gatedShop, knownStores, MODEL, sale } from './gated-shop.ts';
import type { GatedShop } from './gated-shop.ts';

let shop: GatedShop;
let graph: Graph;
beforeEach(async () => {
  shop = await gatedShop();
  graph = await readGraph(folders);
  await sql`insert into gold.dim_stores (store_id) values ('STORE_00001')`.execute(shop.admin);
});
afterEach(() => shop.close());

const BAD = 'STORE_99999';

/** A promise that always holds: a suite has to have one. */
const anything: JsonObject = {
  type: 'expect_column_to_exist',
  kwargs: { column: 'store_id' },
  severity: 'info',
};

/** Promises of the input gate: its header's parameters have to be asked for. */
function arriving(...promises: readonly JsonObject[]): readonly JsonObject[] {
  const set = { column: 'store_id', value_set: { $PARAMETER: 'valid_store_ids' } };
  const count = { min_value: { $PARAMETER: 'min_rows' }, max_value: { $PARAMETER: 'max_rows' } };
  const age = { $PARAMETER: 'now() - timedelta(minutes=max_staleness_minutes)' };
  return [
    ...promises,
    { type: 'expect_column_values_to_be_in_set', kwargs: set, severity: 'info' },
    { type: 'expect_table_row_count_to_be_between', kwargs: count, severity: 'info' },
    {
      type: 'expect_column_max_to_be_between',
      kwargs: { column: 'transaction_timestamp', min_value: age },
      severity: 'info',
    },
  ];
}

/** One load through its gate, with what is bad set aside. */
async function loadWithGate(gate: 'input' | 'output' = 'output', run = runOf('monday')) {
  const load = gate === 'output' ? await shop.staged(run) : await shop.opened(run);
  const verdict = await shop.look(load, gate);
  if (verdict.blocks) {
    await shop.setAside(load, verdict);
    expect(await shop.look(load, gate)).toMatchObject({ blocks: false });
  }
  const attempt = gate === 'output' ? load.attempt : (await shop.stage(load)).attempt;
  return shop.publish({ ...load, attempt });
}

async function goodAndBad(gate: 'input' | 'output' = 'output'): Promise<void> {
  await shop.promise(MODEL, [knownStores()]);
  await shop.promise('transactions', arriving(knownStores()));
  await shop.land([sale('a'), sale('bad', BAD)], { file: 'one' });
  await loadWithGate(gate);
}

function release(
  filter: KeptFilter,
  set: JsonObject = {},
  record: JsonObject | null = null,
): Promise<Released> {
  const { loader } = shop.database.databases;
  return releaseRows(loader, graph, { filter, set, record, reason: 'mended', by: 'test' });
}

async function kept(filter: KeptFilter = {}): Promise<readonly Kept[]> {
  await markSuperseded(shop.database.databases.loader, graph);
  return readKept(shop.database.databases.loader, filter);
}

async function states(): Promise<readonly string[]> {
  return (await kept()).map(({ id, state }) => `${id} ${state}`).toSorted();
}

const b1 = { keptIn: 'batch_quarantine', keptId: 1 } as const;
const r1 = { keptIn: 'quarantine', keptId: 1 } as const;

describe.each(['output', 'input'] as const)('a row that an %s gate set aside', (gate) => {
  test('arrives again at its place, mended, and is published through the same gate', async () => {
    await goodAndBad(gate);
    expect(await kept({ state: 'waiting' })).toMatchObject([
      { id: 'b1', kind: 'setAside', relation: MODEL, gate, file: 'one', revision: 1, position: 2 },
    ]);
    expect(await release({ ids: [b1] }, { store_id: 'STORE_00002' })).toMatchObject({ released: ['b1'] });
    expect(await loadWithGate(gate, runOf('tuesday'))).toMatchObject({ inserted: 1, quarantined: 0 });
    expect(await shop.silver()).toMatchObject([{ id: 'a' }, { id: 'bad', store: 'STORE_00002' }]);
    const { rows } = await sql`select _source, _revision, _position from silver.stg_transactions
      where transaction_id = 'bad'`.execute(shop.admin);
    expect(rows).toEqual([{ _source: 'one', _revision: 1, _position: 2 }]);
    // As it was it stays in quarantine.
    expect((await shop.aside())[0]?.record['store_id']).toBe(BAD);
    expect(await states()).toEqual(['b1 released']);
  });

  test('that is bad again is set aside again', async () => {
    await goodAndBad(gate);
    await release({ ids: [b1] }, { total_amount: '7' });
    expect(await loadWithGate(gate, runOf('tuesday'))).toMatchObject({ inserted: 0, quarantined: 1 });
    expect(await states()).toEqual(['b1 released', 'b2 waiting']);
    await release({ ids: [{ ...b1, keptId: 2 }] }, { store_id: 'STORE_00001' });
    await loadWithGate(gate, runOf('wednesday'));
    expect(await shop.silver()).toMatchObject([{ id: 'a' }, { id: 'bad', amount: 7 }]);
  });

  test('whose key came again later is superseded and not released', async () => {
    await goodAndBad(gate);
    await shop.land([{ ...sale('bad', 'STORE_00001'), amount: 5 }], { file: 'two' });
    await loadWithGate(gate, runOf('tuesday'));
    expect(await release({ ids: [b1] }, { store_id: 'STORE_00002' })).toEqual({
      released: [],
      superseded: ['b1'],
      models: [],
    });
    expect(await shop.load(MODEL, runOf('wednesday'))).toMatchObject({ state: 'empty' });
    const decided = await shop.admin.selectFrom('control.quarantine_decision').selectAll().execute();
    expect(decided).toMatchObject([
      { decision: 'superseded', decided_by: 'weir', reason: expect.stringContaining('published since') },
    ]);
  });

  test('that a later version overtakes between its release and the load changes nothing', async () => {
    await goodAndBad(gate);
    await release({ ids: [b1] }, { store_id: 'STORE_00002' });
    await shop.land([{ ...sale('bad', 'STORE_00001'), amount: 5 }], { file: 'two' });
    await loadWithGate(gate, runOf('tuesday'));
    expect(await shop.silver()).toMatchObject([{ id: 'a' }, { id: 'bad', store: 'STORE_00001', amount: 5 }]);
  });

  test('of a file that came again is superseded', async () => {
    await goodAndBad(gate);
    await shop.retract('one', 1);
    await shop.land([sale('a'), sale('bad', 'STORE_00001')], { file: 'one', revision: 2 });
    expect(await states()).toEqual(['b1 superseded']);
  });

  test('is left while its load has not been published, and superseded once that is given up', async () => {
    await shop.promise(MODEL, [knownStores()]);
    await shop.promise('transactions', arriving(knownStores()));
    await shop.land([sale('a'), sale('bad', BAD)], { file: 'one' });
    const load = gate === 'output' ? await shop.staged() : await shop.opened();
    await shop.setAside(load, await shop.look(load, gate));
    await expect(release({ ids: [b1] })).rejects.toThrow('Release it when that is published');
    await shop.release({ model: MODEL, run: load.run, outcome: 'abandoned' });
    expect(await states()).toEqual(['b1 superseded']);
  });

  test('stays as it was published before, when the correction of its file is the bad one', async () => {
    await shop.promise(MODEL, [knownStores()]);
    await shop.promise('transactions', arriving(knownStores()));
    await shop.land([sale('a'), { ...sale('b'), amount: 3 }, sale('c')], { file: 'one' });
    await loadWithGate(gate);
    await shop.retract('one', 1);
    await shop.land([sale('a'), { ...sale('b', BAD), amount: 4 }], { file: 'one', revision: 2 });
    await loadWithGate(gate, runOf('tuesday'));
    // c is gone from the file; what b should say instead is bad, so it stands as it was.
    expect(await shop.silver()).toMatchObject([{ id: 'a' }, { id: 'b', amount: 3 }]);
    await release({ ids: [b1] }, { store_id: 'STORE_00002' });
    await loadWithGate(gate, runOf('wednesday'));
    expect(await shop.silver()).toMatchObject([{ id: 'a' }, { id: 'b', amount: 4, store: 'STORE_00002' }]);
  });

  test('that stood for a bad correction goes with the file’s next revision', async () => {
    await shop.promise(MODEL, [knownStores()]);
    await shop.promise('transactions', arriving(knownStores()));
    await shop.land([sale('a'), sale('b')], { file: 'one' });
    await loadWithGate(gate);
    await shop.retract('one', 1);
    await shop.land([sale('a'), sale('b', BAD)], { file: 'one', revision: 2 });
    await loadWithGate(gate, runOf('tuesday'));
    await shop.retract('one', 2);
    await shop.land([sale('a')], { file: 'one', revision: 3 });
    await loadWithGate(gate, runOf('wednesday'));
    expect((await shop.silver()).map(({ id }) => id)).toEqual(['a']);
  });
});

describe('a row that the SELECT left out', () => {
  test('arrives again with what it lacked, and waits again when it is left out again', async () => {
    await shop.promise(MODEL, [anything]);
    await shop.land([sale('a'), { ...sale('b'), id: null }], { file: 'one' });
    await shop.load(MODEL, runOf('monday'));
    expect(await kept()).toMatchObject([{ id: 'r1', kind: 'leftOut', relation: MODEL, position: 2 }]);
    await release({ ids: [r1] }, { total_amount: '4' });
    await shop.load(MODEL, runOf('tuesday'));
    expect(await states()).toEqual(['r1 released', 'r2 waiting']);
    await release({ ids: [{ ...r1, keptId: 2 }] }, { transaction_id: 'b' });
    expect(await shop.load(MODEL, runOf('wednesday'))).toMatchObject({ inserted: 1 });
    expect(await shop.silver()).toMatchObject([{ id: 'a' }, { id: 'b', amount: 4 }]);
  });
});

describe('a record that was no row', () => {
  beforeEach(async () => {
    await shop.land([sale('a')], { file: 'one', load: 7 });
    await sql`
      insert into control.landing (source, file, revision, content_hash, size_bytes, modified_at, load_sequence, rows_landed, rows_rejected, workflow_id)
      values ('raw_transactions', 'one', 1, 'x', 1, now(), 7, 1, 2, 'test')`.execute(shop.admin);
    await sql`
      insert into control.quarantine (relation, file, revision, position, reason, record, workflow_id) values
        ('bronze.raw_transactions', 'one', 1, 2, 'total_amount is not numeric(12,2)',
          '{"transaction_id": "b", "store_id": "STORE_00001", "total_amount": "much", "transaction_timestamp": "2017-01-30T23:30:00+01:00"}', 'test'),
        ('bronze.raw_transactions', 'one', 1, 3, 'not valid JSON', '{"transaction_id": ', 'test')`.execute(
      shop.admin,
    );
    await shop.promise(MODEL, [anything]);
  });

  test('lands mended at its place, as its reader would have landed it', async () => {
    expect(await release({ ids: [r1] }, { total_amount: '12.50' })).toMatchObject({ released: ['r1'] });
    const { rows } = await sql`
      select total_amount::float8 as amount, transaction_timestamp::text as at, _source, _revision, _load, _position
      from bronze.raw_transactions where transaction_id = 'b'`.execute(shop.admin);
    expect(rows).toEqual([
      { amount: 12.5, at: '2017-01-30 22:30:00', _source: 'one', _revision: 1, _load: 7, _position: 2 },
    ]);
    expect(await shop.load(MODEL, runOf('monday'))).toMatchObject({ inserted: 2 });
    expect(await states()).toEqual(['r1 released', 'r2 waiting']);
  });

  test('that is still none is refused, with the reason and no value; nothing is released then', async () => {
    await expect(release({ relation: 'raw_transactions' }, { total_amount: 'more' })).rejects.toThrow(
      /^r1: total_amount is not numeric\(12,2\)\nr2: what was delivered is no JSON object|^r2: .*\nr1: total_amount is not numeric/,
    );
    expect(await states()).toEqual(['r1 waiting', 'r2 waiting']);
    const { rows } = await sql`select from bronze.raw_transactions`.execute(shop.admin);
    expect(rows).toHaveLength(1);
  });

  test('can be given whole', async () => {
    const whole = { transaction_id: 'c', store_id: 'STORE_00001', total_amount: 3 };
    await release({ ids: [{ ...r1, keptId: 2 }] }, {}, whole);
    await shop.load(MODEL, runOf('monday'));
    expect(await shop.silver()).toMatchObject([{ id: 'a' }, { id: 'c', amount: 3 }]);
  });

  test('with a column that its source has not is refused', async () => {
    await expect(release({ ids: [r1] }, { amount: '1' })).rejects.toThrow(
      'raw_transactions has no column amount',
    );
  });
});

test('rows that are computed from several are not released', async () => {
  await shop.promise(MODEL, [anything]);
  await shop.promise('fct_daily_sales', [
    aside('expect_column_values_to_be_in_set', { column: 'store_id', value_set: ['STORE_00001'] }),
  ]);
  await shop.land([sale('a'), sale('b', BAD)], { file: 'one' });
  await shop.load(MODEL, runOf('monday'));
  const load = await shop.staged(runOf('monday'), 'fct_daily_sales');
  const verdict = await shop.look(load, 'output', 'fct_daily_sales');
  expect(verdict).toMatchObject({ reason: null });
  await shop.setAside(load, verdict);
  await shop.look(load, 'output', 'fct_daily_sales');
  await shop.publish(load);
  await expect(release({ ids: [b1] })).rejects.toThrow('Mend what they are computed from');
  await expect(release({ relation: 'fct_daily_sales' })).rejects.toThrow('computed from several');
});

test('every row of a doubled key goes aside, and rows that mostly tolerates stay', async () => {
  await shop.promise(
    'transactions',
    arriving(
      aside('expect_column_values_to_be_unique', { column: 'transaction_id' }, { quarantine_share: 1 }),
      aside('expect_column_values_to_match_regex', { column: 'store_id', regex: '^STORE_0000', mostly: 0.5 }),
    ),
  );
  await shop.promise(MODEL, [anything]);
  await shop.land([sale('a'), sale('twice'), { ...sale('twice'), amount: 2 }, sale('odd', BAD)], {
    file: 'one',
  });
  await loadWithGate('input');
  expect((await shop.silver()).map(({ id }) => id)).toEqual(['a', 'odd']);
  expect((await kept()).map(({ position }) => `line ${position}`).toSorted()).toEqual(['line 2', 'line 3']);
  // The two are one basket, of which the second line is right.
  await release({ ids: [{ ...b1, keptId: 2 }] });
  await loadWithGate('input', runOf('tuesday'));
  expect(await shop.silver()).toHaveLength(3);
  expect(await states()).toContain('b2 released');
});

test('who released what and why is kept, and no value', async () => {
  await goodAndBad();
  await release({ loadId: 1 }, { store_id: 'STORE_00002' });
  const decided = await shop.admin.selectFrom('control.quarantine_decision').selectAll().execute();
  expect(decided).toMatchObject([
    {
      kept_in: 'batch_quarantine',
      kept_id: 1,
      decision: 'released',
      reason: 'mended',
      decided_by: 'test',
      columns_mended: ['store_id'],
      relation: 'raw_transactions',
      _source: 'one',
      _position: 2,
    },
  ]);
  expect(JSON.stringify(decided)).not.toContain('STORE_');
  await expect(
    sql`update control.quarantine_decision set reason = 'other'`.execute(shop.admin),
  ).rejects.toThrow('append-only');
});
