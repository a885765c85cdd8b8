import { mkdtemp, cp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGate } from '../../activities/gate.ts';
import type { GateInput } from '../../activities/gate.ts';
import type { RepositoryFolders } from '../../activities/repository.ts';
import type { Verdict } from '../../expectations/verdict.ts';
import { openDatabase } from '../../workers/databases.ts';
import { folders, openShop, runOf } from './shop.ts';
import type { Sale, Shop } from './shop.ts';

const run = runOf('hour-10');
/** Within the hour before the shop's as-of time. */
const at = '2017-01-30T23:30:00';
const good = (n: number): Sale => ({ id: `T${n}`, at });

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.database.drop());

async function knowStores(): Promise<void> {
  await sql`insert into gold.dim_stores (store_id) values ('STORE_00001'), ('STORE_00002')`.execute(
    shop.admin,
  );
}

async function landAndOpen(sales: readonly Sale[]): Promise<number> {
  await shop.land(sales, { file: 'hour-10.jsonl' });
  return (await shop.openWindow('stg_transactions', run)).loadId;
}

function look(
  loadId: number,
  more: Partial<GateInput> = {},
  from: RepositoryFolders = folders,
): Promise<Verdict> {
  const { gate } = createGate({ databases: shop.database.databases, folders: from });
  return gate({ loadId, model: 'stg_transactions', gate: 'input', suite: 'transactions', run, ...more });
}

const bad: readonly Sale[] = [
  good(1),
  good(2),
  { id: 'T3', at, amount: 11 },
  { id: 'T3', at, amount: 12 },
  { id: 'T4', at, store: 'STORE_99999' },
  { id: 'T5', at, amount: 100_000.01 },
  { id: 'T6', at, store: '' },
];

async function landBad(): Promise<number> {
  await knowStores();
  await shop.land(bad, { file: 'hour-10.jsonl' });
  await sql`update bronze.raw_transactions set store_id = null where store_id = ''`.execute(shop.admin);
  return (await shop.openWindow('stg_transactions', run)).loadId;
}

describe('the input gate of stg_transactions', () => {
  test('passes good rows', async () => {
    await knowStores();
    const verdict = await look(await landAndOpen([good(1), good(2)]));
    expect(verdict).toMatchObject({
      outcome: 'pass',
      blocks: false,
      rows: 2,
      evaluated: 8,
      failed: [],
      reason: null,
      incidentOpen: false,
    });
  });

  test('names all four of a bad hour, without a value of a row', async () => {
    const verdict = await look(await landBad());
    expect(verdict).toMatchObject({
      outcome: 'fail',
      blocks: true,
      rows: 7,
      suite: 'transactions',
      gate: 'input',
    });
    expect(verdict.failed.map(({ type, column, observed }) => [type, column, observed])).toEqual([
      ['expect_column_values_to_not_be_null', 'store_id', '1 of 7 rows without a value'],
      [
        'expect_column_values_to_be_unique',
        'transaction_id',
        '2 of 7 rows with a value that occurs more than once',
      ],
      ['expect_column_values_to_be_between', 'total_amount', '1 of 7 rows outside'],
      ['expect_column_values_to_be_in_set', 'store_id', '1 of 6 rows with another value'],
    ]);
    expect(JSON.stringify(verdict)).not.toMatch(/STORE_99999|T3|100000\.01/);
  });

  test('keeps the full result, with rows, where few may read it', async () => {
    const verdict = await look(await landBad());
    const { result, parameters } = await shop.admin
      .selectFrom('control.gate_result')
      .selectAll()
      .where('evaluation_id', '=', verdict.evaluationId)
      .executeTakeFirstOrThrow();
    expect(parameters).toMatchObject({ valid_store_ids: ['STORE_00001', 'STORE_00002'], min_rows: 1 });
    expect(result).toMatchObject({
      success: false,
      suite_name: 'transactions',
      statistics: { evaluated_expectations: 8, successful_expectations: 4 },
      meta: { weir: { relation: 'bronze.raw_transactions', rows: 7, repeats: 0 } },
    });
    expect(JSON.stringify(result)).toContain('"partial_unexpected_index_list":[{"_source":"hour-10.jsonl"');
    const { rows } = await sql`
      select has_table_privilege('weir_analytics_reader', 'control.gate_result', 'select') as reader`.execute(
      shop.admin,
    );
    expect(rows).toEqual([{ reader: false }]);
  });

  test('a record that was delivered twice, byte for byte, counts once and is counted', async () => {
    await knowStores();
    await shop.land([good(1), good(1), good(2)], { file: 'hour-10.jsonl' });
    await sql`update bronze.raw_transactions set _record_hash = md5(transaction_id)::uuid`.execute(
      shop.admin,
    );
    const { loadId } = await shop.openWindow('stg_transactions', run);
    const verdict = await look(loadId);
    expect(verdict).toMatchObject({ outcome: 'pass', rows: 2 });
    const { result } = await shop.admin
      .selectFrom('control.gate_result')
      .select('result')
      .executeTakeFirstOrThrow();
    expect(result).toMatchObject({ meta: { weir: { repeats: 1 } } });
  });

  test('reads the window of the load only: rows that came later are another load’s', async () => {
    await knowStores();
    const loadId = await landAndOpen([good(1)]);
    await shop.land([{ id: 'T1', at, store: 'STORE_99999' }], { file: 'hour-11.jsonl' });
    expect(await look(loadId)).toMatchObject({ outcome: 'pass', rows: 1 });
  });

  test('judges by the load’s as-of time', async () => {
    await knowStores();
    const verdict = await look(await landAndOpen([{ id: 'T1', at: '2017-01-30T22:59:59' }]));
    expect(verdict.failed).toMatchObject([
      {
        expected: 'highest transaction_timestamp at least 2017-01-30T23:00:00+00:00',
        observed: 'highest is 2017-01-30T22:59:59',
      },
    ]);
  });
});

describe('a gate that cannot be checked', () => {
  test('holds when a parameter’s query has no rows, and names what to run first', async () => {
    const verdict = await look(await landAndOpen([good(1)]));
    expect(verdict).toMatchObject({ outcome: 'error', blocks: true, evaluated: 0, failed: [] });
    expect(verdict.reason).toBe(
      'the query of parameter valid_store_ids gave no rows. Run dailyDimensionRefresh first: it loads gold.dim_stores.',
    );
    await knowStores();
    expect((await look(verdict.loadId, { previous: { verdictId: verdict.verdictId } })).outcome).toBe('pass');
  });

  test('throws when the database is not to be reached: that is retried', async () => {
    await knowStores();
    const loadId = await landAndOpen([good(1)]);
    const validator = openDatabase('postgres://nobody@127.0.0.1:1/nowhere', 'unreachable', 1);
    const { gate } = createGate({ databases: { ...shop.database.databases, validator }, folders });
    await expect(
      gate({ loadId, model: 'stg_transactions', gate: 'input', suite: 'transactions', run }),
    ).rejects.toThrow('ECONNREFUSED');
    expect(await shop.admin.selectFrom('control.gate_run').selectAll().execute()).toEqual([]);
    await validator.destroy();
  });
});

describe('looking again', () => {
  test('keeps the verdict id while it ends the same way, and evaluates each time', async () => {
    const loadId = await landBad();
    const first = await look(loadId);
    const again = await look(loadId, { previous: { verdictId: first.verdictId } });
    expect(again.verdictId).toBe(first.verdictId);
    expect(again.evaluationId).toBeGreaterThan(first.evaluationId);
    await sql`insert into gold.dim_stores (store_id) values ('STORE_99999')`.execute(shop.admin);
    const better = await look(loadId, { previous: { verdictId: first.verdictId } });
    expect(better.failed).toHaveLength(3);
    expect(better.verdictId).not.toBe(first.verdictId);
  });

  test('without a previous verdict it is a new one', async () => {
    const loadId = await landBad();
    expect((await look(loadId)).verdictId).not.toBe((await look(loadId)).verdictId);
  });

  test('says whether on-call has an open incident', async () => {
    const loadId = await landBad();
    await shop.admin
      .insertInto('control.incident')
      .values({
        dedup_key: 'k',
        state: 'open',
        kind: 'gateHeld',
        model: 'stg_transactions',
        suite: 'transactions',
        verdict_id: null,
        workflow_id: 'w',
        resolved_at: null,
      })
      .execute();
    expect((await look(loadId)).incidentOpen).toBe(true);
  });
});

describe('the output gate', () => {
  test('reads the candidate', async () => {
    await knowStores();
    const loadId = await landAndOpen([good(1), good(2)]);
    await shop.stage({ loadId, run });
    expect(await look(loadId, { gate: 'output' })).toMatchObject({
      outcome: 'pass',
      rows: 2,
      suite: 'stg_transactions',
    });
  });
});

describe('what may not leave', () => {
  test('an aggregate of a personal column is not shown', async () => {
    await knowStores();
    const copy = await mkdtemp(join(tmpdir(), 'weir-gate-'));
    await cp(folders.suitesFolder, join(copy, 'suites'), { recursive: true });
    const file = join(copy, 'suites', 'transactions.json');
    const max = {
      type: 'expect_column_max_to_be_between',
      kwargs: { column: 'customer_id', min_value: '2017-01-01' },
      severity: 'info',
    };
    const regex = {
      type: 'expect_column_values_to_match_regex',
      kwargs: { column: 'customer_id', regex: '^X' },
      severity: 'info',
    };
    const suite: { expectations: object[] } = JSON.parse(await readFile(file, 'utf8'));
    suite.expectations.push(max, regex);
    await writeFile(file, JSON.stringify(suite));
    const verdict = await look(
      await landAndOpen([good(1)]),
      {},
      { ...folders, suitesFolder: join(copy, 'suites') },
    );
    expect(verdict.outcome).toBe('pass');
    expect(verdict.failed.map(({ observed }) => observed)).toEqual([
      'could not be evaluated: column customer_id is text and the bound is a time',
      '1 of 1 row not matching',
    ]);
    expect(JSON.stringify(verdict)).not.toContain('C1');
  });
});
