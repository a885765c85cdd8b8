import { mkdtemp, cp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGate } from '../../../activities/gate.ts';
import { hashOf } from '../../../activities/gate/gate-result.ts';
import type { Verdict } from '../../../expectations/verdict.ts';
import { loginUrl } from '../../../infra/local/logins.ts';
import type { Login } from '../../../infra/local/logins.ts';
import { openDatabase } from '../../../workers/databases.ts';
import { expectation } from '../../expectations/suite-text.ts';
import { folders, openShop, runOf } from '../shop.ts';
import type { Sale, Shop } from '../shop.ts';

const run = runOf('hour-10');
const at = '2017-01-30T23:30:00';
/** Stands in rows, in a parameter that a query gives, and in what Postgres says of them. */
const CANARY = 'CANARY-7f3a';

let shop: Shop;
let copy: string;
beforeEach(async () => {
  shop = await openShop();
  copy = await mkdtemp(join(tmpdir(), 'weir-results-'));
  await sql`insert into gold.dim_stores (store_id) values ('STORE_00001'), (${`${CANARY}-known`})`.execute(
    shop.admin,
  );
});
afterEach(async () => {
  await shop.database.drop();
  await rm(copy, { recursive: true, force: true });
});

/** Asks the shipped suite of an hour, with more expectations where they are given. */
async function look(sales: readonly Sale[], more: readonly object[] = []): Promise<Verdict> {
  await shop.land(sales, { file: 'hour-10.jsonl' });
  const { loadId } = await shop.openWindow('stg_transactions', run);
  await cp(folders.suitesFolder, copy, { recursive: true });
  const file = join(copy, 'transactions.json');
  const suite: { expectations: object[] } = JSON.parse(await readFile(file, 'utf8'));
  suite.expectations.push(...more);
  await writeFile(file, JSON.stringify(suite));
  const { gate } = createGate({
    databases: shop.database.databases,
    folders: { ...folders, suitesFolder: copy },
  });
  return gate({ loadId, model: 'stg_transactions', gate: 'input', suite: 'transactions', run });
}

async function stored({ evaluationId }: Verdict) {
  return shop.admin
    .selectFrom('control.gate_result')
    .selectAll()
    .where('evaluation_id', '=', evaluationId)
    .executeTakeFirstOrThrow();
}

async function asLogin<T>(
  login: Login,
  work: (db: ReturnType<typeof openDatabase>) => Promise<T>,
): Promise<T> {
  const db = openDatabase(loginUrl(shop.database.adminUrl, login), `test ${login}`, 1);
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

describe('a stored result', () => {
  test('says which load, rows and suite it is about, and where each number came from', async () => {
    const verdict = await look(
      [{ id: 'T1', at }],
      [expectation('expect_column_values_to_not_be_null', { column: '_load' })],
    );
    const { result, expires_at: expires } = await stored(verdict);
    const text = await readFile(join(copy, 'transactions.json'), 'utf8');
    expect(result).toMatchObject({
      success: true,
      suite_name: 'transactions',
      meta: {
        run_id: { run_name: run.workflowId, run_time: '2017-01-31T00:00:00.000Z' },
        active_batch_definition: { data_asset_name: 'bronze.raw_transactions' },
        weir: {
          model: 'stg_transactions',
          gate: 'input',
          relation: 'bronze.raw_transactions',
          load: verdict.loadId,
          rows: 1,
          repeats: 0,
          window: { kind: 'arrival', deltas: ['raw_transactions'] },
          suite: { file: expect.stringContaining('transactions.json'), sha256: hashOf(text) },
          milliseconds: expect.any(Number),
        },
      },
    });
    const [first, ...others] = (result as { results: { meta: { weir: object } }[] }).results;
    expect(first?.meta.weir).toEqual({
      promise: 'transaction_id present',
      observed: '0 of 1 row without a value',
      from: 'scan',
    });
    const said = others.map(({ meta }) => meta.weir);
    expect(said).toContainEqual(
      expect.objectContaining({ promise: 'transaction_id unique', from: 'beside' }),
    );
    expect(said.at(-1)).toMatchObject({
      from: 'proof',
      proof: { by: 'constraint', text: expect.stringContaining('_load') },
    });
    const days = (expires.getTime() - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(30);
  });

  test('keeps no statement that would outgrow it, and says so in its place', async () => {
    const set = Array.from({ length: 120_000 }, (_, n) => `STORE_${n}`);
    const verdict = await look(
      [{ id: 'T1', at, store: 'STORE_none' }],
      [expectation('expect_column_values_to_be_in_set', { column: 'store_id', value_set: set })],
    );
    const { queries } = await stored(verdict);
    expect(verdict.outcome).toBe('fail');
    const { listed } = queries as { listed: Readonly<Record<string, string>> };
    const place = verdict.failed.at(-1)?.index;
    expect(listed[String(place)]).toMatch(/^-- not kept: 1,\d{3},\d{3} characters of SQL/);
  });

  test('is for the loader and for those who are granted it; not for the validator nor for readers of gold', async () => {
    const verdict = await look([{ id: 'T1', at }]);
    const read = (db: ReturnType<typeof openDatabase>) =>
      db
        .selectFrom('control.gate_result')
        .select('evaluation_id')
        .where('evaluation_id', '=', verdict.evaluationId)
        .execute();
    const denied: readonly Login[] = [
      'weir_validator',
      'weir_analytics_reader',
      'weir_publisher',
      'weir_migrator',
    ];
    for (const login of denied)
      await expect(asLogin(login, read), login).rejects.toThrow('permission denied');
    const allowed: readonly Login[] = ['weir_loader', 'weir_result_reader'];
    for (const login of allowed) expect(await asLogin(login, read)).toHaveLength(1);
    await asLogin('weir_result_reader', async (db) => {
      for (const change of [
        sql`delete from control.gate_result`,
        sql`update control.gate_result set expires_at = 'infinity'`,
        sql`insert into silver.stg_transactions default values`,
      ]) {
        const writing = db.transaction().setAccessMode('read write');
        await expect(writing.execute((trx) => change.execute(trx))).rejects.toThrow('permission denied');
      }
    });
  });

  test('is stored whatever its suite says: NUL and halves of letters are no reason to have no verdict', async () => {
    const verdict = await look(
      [{ id: 'T1', at }],
      [
        expectation(
          'expect_column_values_to_be_in_set',
          { column: 'store_id', value_set: ['a\u0000b', String.raw`\u0000 as it is written`] },
          { notes: 'half \ud83d of it, 😀 whole', severity: 'info' },
        ),
      ],
    );
    expect(verdict).toMatchObject({ outcome: 'pass', failed: [{ errored: true }] });
    const text = JSON.stringify((await stored(verdict)).result);
    expect(text).toContain('half \ufffd of it, 😀 whole');
    expect(text).toContain('["a\ufffdb","\\\\u0000 as it is written"]');
  });

  test('is removed once it has expired; what only counts stays', async () => {
    const first = await look([{ id: 'T1', at }]);
    await sql`update control.gate_result set expires_at = now() - interval '1 second'`.execute(shop.admin);
    const { gate } = createGate({ databases: shop.database.databases, folders });
    const { loadId } = first;
    const second = await gate({
      loadId,
      model: 'stg_transactions',
      gate: 'input',
      suite: 'transactions',
      run,
    });
    const kept = await shop.admin.selectFrom('control.gate_result').select('evaluation_id').execute();
    expect(kept).toEqual([{ evaluation_id: second.evaluationId }]);
    const runs = await shop.admin.selectFrom('control.gate_run').select('evaluation_id').execute();
    expect(runs).toHaveLength(2);
  });
});

describe('what leaves', () => {
  test('has counts, and no value of a row or of a parameter, nor what Postgres says of one', async () => {
    const values = { column: 'store_id', value_set: ['a'] };
    const verdict = await look(
      [
        { id: CANARY, at, store: `${CANARY}-a` },
        { id: CANARY, at, store: `${CANARY}-a` },
        { id: `${CANARY}-3`, at, store: `${CANARY}-b` },
      ],
      [
        expectation('unexpected_rows_expectation', { unexpected_rows_query: 'select * from {batch}' }),
        expectation('unexpected_rows_expectation', {
          unexpected_rows_query: 'select transaction_id::int from {batch}',
        }),
        expectation('expect_query_results_to_match_comparison', {
          base_query: 'select store_id from {batch}',
          comparison_query: "select 'x'::text",
        }),
        expectation('expect_column_distinct_values_to_be_in_set', values),
        expectation('expect_column_distinct_values_to_equal_set', values),
        expectation('expect_column_distinct_values_to_contain_set', values),
        expectation('expect_column_most_common_value_to_be_in_set', values),
        expectation('expect_column_values_to_match_regex', { column: 'transaction_id', regex: '^x' }),
        expectation('expect_column_values_to_match_regex', {
          column: 'store_id',
          regex: { $PARAMETER: 'valid_store_ids' },
        }),
        expectation('expect_column_max_to_be_between', {
          column: 'store_id',
          max_value: { $PARAMETER: 'valid_store_ids' },
        }),
        expectation('expect_column_kl_divergence_to_be_less_than', {
          column: 'store_id',
          partition_object: { values: ['a'], weights: [1] },
          threshold: 0.1,
        }),
        expectation('expect_compound_columns_to_be_unique', { column_list: ['transaction_id', 'store_id'] }),
        expectation('expect_column_pair_values_to_be_equal', {
          column_A: 'transaction_id',
          column_B: 'store_id',
        }),
      ],
    );
    expect(verdict.failed.length).toBeGreaterThanOrEqual(14);
    expect(JSON.stringify(verdict)).not.toContain('CANARY');
    const { result, parameters, queries } = await stored(verdict);
    // They are there, where few may read them.
    for (const kept of [result, parameters, queries]) expect(JSON.stringify(kept)).toContain(CANARY);
    expect(JSON.stringify(result)).toContain('invalid input syntax for type integer');
    const counts = await shop.admin.selectFrom('control.gate_run').selectAll().execute();
    expect(JSON.stringify(counts)).not.toContain('CANARY');
  });
});
