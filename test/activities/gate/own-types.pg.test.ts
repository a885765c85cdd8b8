import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGate } from '../../../activities/gate.ts';
import type { Json } from '../../../expectations/json.ts';
import type { Gate, Verdict } from '../../../expectations/verdict.ts';
import { expectation } from '../../expectations/suite-text.ts';
import { openShop, runOf } from '../shop.ts';
import type { Sale, Shop } from '../shop.ts';
import { withSuite } from './own-suite.ts';

const at = '2017-01-30T23:30:00';
const sale = (n: number, more: Partial<Sale> = {}): Sale => ({ id: `T${n}`, at, ...more });

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
  await sql`insert into gold.dim_stores (store_id) values ('STORE_00001')`.execute(shop.admin);
});
afterEach(() => shop.database.drop());

let runs = 0;
/** Lands sales, stages them and asks a gate of stg_transactions what these expectations say. */
async function gate(expectations: readonly Json[], which: Gate = 'output'): Promise<Verdict> {
  runs += 1;
  const run = runOf(`run-${runs}`);
  const { loadId } = await shop.openWindow('stg_transactions', run);
  if (which === 'output') await shop.stage({ loadId, run });
  return ask(loadId, expectations, which);
}

async function ask(loadId: number, expectations: readonly Json[], which: Gate): Promise<Verdict> {
  const suite = which === 'output' ? 'stg_transactions' : 'transactions';
  const folders = await withSuite(suite, expectations);
  const activities = createGate({ databases: shop.database.databases, folders });
  return activities.gate({
    loadId,
    model: 'stg_transactions',
    gate: which,
    suite,
    run: runOf(`run-${runs}`),
  });
}

async function publish(sales: readonly Sale[], file: string): Promise<void> {
  await shop.land(sales, { file });
  const run = runOf(`publish-${file}`);
  await shop.load('stg_transactions', run);
}

const observed = ({ failed }: Verdict): readonly string[] => failed.map((one) => one.observed);

describe('unique against what is published', () => {
  const unique = expectation('expect_compound_columns_to_be_unique_in_published', {
    column_list: ['transaction_id'],
  });
  const doubles = (rows: number, of: number): string =>
    `${rows} of ${of} rows with a combination that occurs more than once, here or in what is published`;

  test('an id of another file is a double, at either gate', async () => {
    await publish([sale(1), sale(2)], 'day-1.jsonl');
    await shop.land([sale(2), sale(3)], { file: 'day-2.jsonl' });
    const output = await gate([unique]);
    expect(output).toMatchObject({ outcome: 'fail', rows: 2 });
    expect(observed(output)).toEqual([doubles(1, 2)]);
    expect(observed(await ask(output.loadId, [unique], 'input'))).toEqual([doubles(1, 2)]);
    const { result } = await shop.admin
      .selectFrom('control.gate_result')
      .select('result')
      .where('evaluation_id', '=', output.evaluationId)
      .executeTakeFirstOrThrow();
    expect(result).toMatchObject({ results: [{ result: { partial_unexpected_list: ['T2'] } }] });
    expect(JSON.stringify(output)).not.toContain('T2');
  });

  test('a backfill of what was published is the rows themselves', async () => {
    await publish([sale(1), sale(2)], 'day-1.jsonl');
    const run = runOf('backfill');
    const interval = { start: '2017-01-30T23:00:00.000Z', end: '2017-01-31T00:00:00.000Z' };
    const { loadId } = await shop.openWindow('stg_transactions', run, { interval });
    await shop.stage({ loadId, run });
    expect(await ask(loadId, [unique], 'output')).toMatchObject({ outcome: 'pass', rows: 2 });
  });

  test('a correction that moved the lines of its file is no double', async () => {
    await publish([sale(1), sale(2)], 'day-1.jsonl');
    await shop.retract('day-1.jsonl', 1);
    await shop.land([sale(0), sale(1), sale(2)], { file: 'day-1.jsonl', revision: 2 });
    expect(await gate([unique])).toMatchObject({ outcome: 'pass', rows: 3 });
  });

  test('what a correction moves to another file is no double of the revision that goes', async () => {
    await publish([sale(1), sale(2)], 'day-1.jsonl');
    await shop.retract('day-1.jsonl', 1);
    await shop.land([sale(2)], { file: 'day-1.jsonl', revision: 2 });
    await shop.land([sale(1)], { file: 'day-2.jsonl' });
    expect(await gate([unique])).toMatchObject({ outcome: 'pass', rows: 2 });
  });

  test('a model that was never published has only its batch to look at', async () => {
    await shop.land([sale(1), sale(1), sale(2)], { file: 'day-1.jsonl' });
    expect(observed(await gate([unique], 'input'))).toEqual([doubles(2, 3)]);
  });

  test('a model that recomputes its rows meets them again by their key', async () => {
    await publish([sale(1)], 'day-1.jsonl');
    await shop.load('fct_daily_sales', runOf('facts-1'));
    await publish([sale(2)], 'day-2.jsonl');
    const run = runOf('facts-2');
    const { loadId } = await shop.openWindow('fct_daily_sales', run);
    await shop.stage({ loadId, run });
    await sql`create index on gold.fct_daily_sales (daily_sales_key)`.execute(shop.admin);
    const key = expectation('expect_compound_columns_to_be_unique_in_published', {
      column_list: ['daily_sales_key'],
    });
    const folders = await withSuite('fct_daily_sales', [key]);
    const asked = createGate({ databases: shop.database.databases, folders });
    const place = {
      loadId,
      model: 'fct_daily_sales',
      gate: 'output',
      suite: 'fct_daily_sales',
      run,
    } as const;
    expect(await asked.gate(place)).toMatchObject({ outcome: 'pass', rows: 1 });
    await sql`update gold.fct_daily_sales set store_id = 'STORE_00009'`.execute(shop.admin);
    expect(await asked.gate(place)).toMatchObject({ outcome: 'fail' });
  });
});

describe('present in another table', () => {
  const known = expectation('expect_column_values_to_exist_in_other_table', {
    column: 'store_id',
    other_table: 'gold.dim_stores',
    other_column: 'store_id',
  });

  test('says how many are not, and lists them for those who may read', async () => {
    await shop.land([sale(1), sale(2, { store: 'STORE_99999' })], { file: 'day-1.jsonl' });
    const verdict = await gate([known], 'input');
    expect(observed(verdict)).toEqual(['1 of 2 rows with a value that gold.dim_stores does not have']);
    const { result } = await shop.admin
      .selectFrom('control.gate_result')
      .select('result')
      .executeTakeFirstOrThrow();
    expect(JSON.stringify(result)).toContain('"partial_unexpected_list":["STORE_99999"]');
  });

  test('a table that the gates may not read is an error of that promise alone', async () => {
    await shop.land([sale(1)], { file: 'day-1.jsonl' });
    const forbidden = expectation('expect_column_values_to_exist_in_other_table', {
      column: 'store_id',
      other_table: 'control.load',
      other_column: 'model',
    });
    const present = expectation('expect_column_values_to_not_be_null', { column: 'store_id' });
    const verdict = await gate([forbidden, present]);
    expect(verdict).toMatchObject({ outcome: 'fail', evaluated: 2, failed: [{ index: 0, errored: true }] });
    expect(observed(verdict)).toEqual([
      'could not be evaluated: SQLSTATE 42501, the validator may not read it',
    ]);
  });
});

describe('columns as last published', () => {
  const same = expectation('expect_table_schema_to_match_published', {});

  test('hold while the model and its table are the same', async () => {
    await publish([sale(1)], 'day-1.jsonl');
    await shop.land([sale(2)], { file: 'day-2.jsonl' });
    expect(await gate([same])).toMatchObject({ outcome: 'pass' });
  });

  test('a column that the table got since is new, until it has been published', async () => {
    await publish([sale(1)], 'day-1.jsonl');
    await shop.land([sale(2)], { file: 'day-2.jsonl' });
    const verdict = await gate([same]);
    await sql`alter table silver.stg_transactions add column note text`.execute(shop.admin);
    const { candidate } = await shop.ledger(verdict.loadId);
    await sql`alter table ${sql.id('candidate', candidate ?? '')} add column note text`.execute(shop.admin);
    expect(observed(await ask(verdict.loadId, [same], 'output'))).toEqual(['new: note']);
    const allowed = expectation('expect_table_schema_to_match_published', { allow_new_columns: true });
    expect(await ask(verdict.loadId, [allowed], 'output')).toMatchObject({ outcome: 'pass' });
  });

  test('are not asked of what a model reads', async () => {
    await publish([sale(1)], 'day-1.jsonl');
    await shop.land([sale(2)], { file: 'day-2.jsonl' });
    expect(observed(await gate([same], 'input'))).toEqual([
      'could not be evaluated: what is read is not of the shape of silver.stg_transactions: ask it in the output gate',
    ]);
  });

  test('nothing published yet is nothing to match', async () => {
    await shop.land([sale(1)], { file: 'day-1.jsonl' });
    expect(await gate([same])).toMatchObject({ outcome: 'pass' });
    const { result } = await shop.admin
      .selectFrom('control.gate_result')
      .select('result')
      .executeTakeFirstOrThrow();
    expect(result).toMatchObject({ results: [{ result: { details: { judged: false } } }] });
  });
});

describe('order and age', () => {
  test('rows are in the order of their delivery, whichever came first into the database', async () => {
    const rising = expectation('expect_column_values_to_be_increasing', { column: 'total_amount' });
    await shop.land([sale(3, { amount: 30 }), sale(4, { amount: 25 })], { file: 'b.jsonl' });
    await shop.land([sale(1, { amount: 10 }), sale(2, { amount: 20 })], { file: 'a.jsonl' });
    const verdict = await gate([rising], 'input');
    expect(observed(verdict)).toEqual(['1 of 4 rows below the value before']);
    expect(observed(await ask(verdict.loadId, [rising], 'input'))).toEqual(observed(verdict));
  });

  test('age is told from the as-of time of the load', async () => {
    await shop.land([sale(1)], { file: 'a.jsonl' });
    const fresh = (age: string): Json =>
      expectation('expect_column_max_to_be_fresh', { column: 'transaction_timestamp', max_age: age });
    const verdict = await gate([fresh('29 minutes'), fresh('30 minutes')], 'input');
    expect(observed(verdict)).toEqual([
      'newest is 2017-01-30T23:30:00, too old as of 2017-01-31T00:00:00.000Z',
    ]);
  });
});
