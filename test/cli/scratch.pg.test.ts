import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { chosenModels } from '../../cli/chosen-models.ts';
import { folders, openShop, runOf } from '../activities/shop.ts';
import type { Shop } from '../activities/shop.ts';
import { say } from './say.ts';
import type { Said } from './say.ts';

// Each is several processes, one after the other, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 });

let shop: Shop;
const folder = mkdtempSync(path.join(tmpdir(), 'weir-scratch-'));
const modelsFolder = path.join(folder, 'models');
beforeAll(async () => {
  shop = await openShop();
  cpSync(folders.modelsFolder, modelsFolder, { recursive: true });
  await shop.land(
    [
      { id: 'T1', amount: 10 },
      { id: 'T2', amount: 20, at: '2017-01-30T11:00:00' },
    ],
    { file: 'a.jsonl' },
  );
  await shop.load('stg_transactions', runOf('first'));
  await shop.load('fct_daily_sales', runOf('first'));
  await shop.land([{ id: 'T3', amount: 30, at: '2017-01-30T12:00:00' }], { file: 'b.jsonl' });
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await shop.database.drop();
});

function run(args: readonly string[], models = folders.modelsFolder): Promise<Said> {
  const settings = { DATABASE_URL: shop.database.adminUrl, WEIR_MODELS_FOLDER: models };
  return say(['run', ...args, '--as-of', '2017-01-30T12:30:00Z'], settings);
}

/** Everything that a run would move: books, published rows, old images, candidates. */
async function traces(): Promise<unknown> {
  const { rows } = await sql`
    select (select array_agg(l::text order by load_id) from control.load as l) as loads,
      (select array_agg(w::text order by model, relation) from control.watermark as w) as watermarks,
      (select array_agg(t::text order by model) from control.target as t) as targets,
      (select count(*) from control.gate_run) as verdicts, (select count(*) from control.lease) as leases,
      (select count(*) from control.incident) as incidents, (select count(*) from control.quarantine) as aside,
      (select array_agg(s::text order by transaction_id) from silver.stg_transactions as s) as silver,
      (select array_agg(f::text order by store_id) from gold.fct_daily_sales as f) as gold,
      (select array_agg(tablename::text) from pg_tables where schemaname = 'candidate') as candidates`.execute(
    shop.admin,
  );
  return rows;
}

describe('weir run --schema', () => {
  test('builds copies in dependency order, reads copies where there are some, and leaves no trace', async () => {
    const before = await traces();
    const { code, out, err } = await run([
      '--schema',
      'try_me',
      '--select',
      'stg_transactions fct_daily_sales',
      '--json',
    ]);
    expect(err).toBe('');
    const said = JSON.parse(out);
    expect(said.models).toMatchObject([
      {
        model: 'stg_transactions',
        rows: 3,
        comparison: { published: 2, onlyCopy: 1, onlyPublished: 0, differing: 0 },
      },
      {
        model: 'fct_daily_sales',
        rows: 1,
        comparison: {
          onlyCopy: 0,
          differing: 1,
          columns: expect.arrayContaining([
            { name: 'gross_sales', rows: 1 },
            { name: 'transaction_count', rows: 1 },
          ]),
        },
      },
    ]);
    // gold.dim_stores is empty, so the parameter valid_store_ids has no value: that gate would hold.
    expect(
      said.gates.map(({ model, gate, outcome }: Record<string, string>) => [model, gate, outcome]),
    ).toEqual([
      ['stg_transactions', 'input', 'error'],
      ['stg_transactions', 'output', 'pass'],
      ['fct_daily_sales', 'output', 'warn'],
    ]);
    expect(code).toBe(1);
    const { rows } = await sql`select gross_sales::float8 as sales from try_me.fct_daily_sales`.execute(
      shop.admin,
    );
    expect(rows).toEqual([{ sales: 60 }]);
    expect(await traces()).toEqual(before);
  });

  test('reads a span of event time, and compares that part', async () => {
    const span = ['--from', '2017-01-30T11:00:00Z', '--to', '2017-01-30T12:00:00Z'];
    const { out } = await run(['--schema', 'try_me', '--select', 'stg_transactions', ...span]);
    expect(out).toContain(
      'try_me.stg_transactions  incremental · 1 row\n  published has 1 row: the same by key',
    );
  });

  test('a changed SELECT shows in which columns and rows', async () => {
    const file = path.join(modelsFolder, 'silver', 'stg_transactions.sql');
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace('when total_amount > 100000 then null', 'when total_amount > 15 then null'),
    );
    const { out } = await run(['hourly', '--schema', 'try_me', '--select', 'changed'], modelsFolder);
    expect(out).toContain('try_me.stg_transactions');
    expect(out).toContain('published has 2 rows: 1 keys only here, 0 only there, 1 differ (total_amount 1)');
    writeFileSync(file, text.replace('total_amount < 0', 'no_such_column < 0'));
    const broken = await run(['--schema', 'try_me', '--select', 'stg_transactions'], modelsFolder);
    expect(broken.err).toMatch(
      /^weir: models\/silver\/stg_transactions.sql: column "no_such_column" does not exist/,
    );
    expect(broken.code).toBe(3);
  });

  test('what it did not make it leaves alone', async () => {
    await sql`create schema somebodys`.execute(shop.admin);
    expect((await run(['--schema', 'somebodys'])).err).toContain('was not made by weir run --schema');
    expect((await run(['--schema', 'somebodys', '--drop'])).err).toContain(
      'was not made by weir run --schema',
    );
    expect((await run(['--schema', 'silver', '--drop'])).err).toContain('not yours to build in');
    const { rows } = await sql`select from pg_namespace where nspname in ('somebodys', 'silver')`.execute(
      shop.admin,
    );
    expect(rows.length).toBe(2);
  });

  test('weir plan --schema says what would be built from what', async () => {
    const settings = { DATABASE_URL: shop.database.adminUrl, WEIR_MODELS_FOLDER: folders.modelsFolder };
    const selection = ['--select', 'stg_transactions fct_daily_sales'];
    const { code, out } = await say(['plan', '--schema', 'plan_me', ...selection, '--sql'], settings);
    expect(out).toMatch(/^ 1 {2}plan_me\.stg_transactions {2}incremental {2}from delta\.raw_transactions\n/);
    expect(out).toContain(
      ' 2  plan_me.fct_daily_sales   incremental  from plan_me.stg_transactions, gold.dim_stores\n',
    );
    expect(out).toContain(
      'join "plan_me"."stg_transactions" as transactions using (transaction_date, store_id)',
    );
    expect(code).toBe(0);
    const { rows } = await sql`select from pg_namespace where nspname = 'plan_me'`.execute(shop.admin);
    expect(rows).toEqual([]);
  });

  test('--select of a run chooses what its pipeline publishes', async () => {
    vi.stubEnv('DATABASE_URL', shop.database.adminUrl);
    const chosen = chosenModels({ pipeline: 'hourly', select: '+fct_daily_sales' });
    expect(await chosen).toEqual({ models: ['stg_transactions', 'fct_daily_sales'] });
    const daily = chosenModels({ pipeline: 'daily', select: 'fct_daily_sales' });
    await expect(daily).rejects.toThrow('the daily pipeline publishes nothing');
    expect(await chosenModels({ models: 'a, b' })).toEqual({ models: ['a', 'b'] });
    vi.unstubAllEnvs();
  });

  test('a history is compared, and asked, without the columns that Weir adds', async () => {
    await sql`insert into bronze.raw_stores (store_id, _source, _revision, _load, _position, _record_hash)
      values ('STORE_00001', 's', 1, 1, 1, gen_random_uuid()), ('STORE_00002', 's', 1, 1, 2, gen_random_uuid())`.execute(
      shop.admin,
    );
    for (const model of ['dim_stores', 'dim_stores_history'])
      await shop.load(model, runOf('daily'), { pipeline: 'daily' });
    const { code, out } = await run(['--schema', 'try_me', '--select', 'dim_stores_history']);
    expect(out).toContain('published has 2 rows: the same by key and in every column\n');
    expect(out).toContain('output gate, suite dim_stores_history: passes (3 promises, 2 rows)');
    expect(code).toBe(0);
  });

  test('--drop removes it', async () => {
    expect((await run(['--schema', 'try_me', '--drop'])).code).toBe(0);
    const again = await run(['--schema', 'try_me', '--drop']);
    expect(again.err).toContain('there is no schema try_me');
    expect(again.code).toBe(3);
  });

  test.each([
    [['--schema', 'try_me', '--from', '2017-01-30'], '--from and --to belong together'],
    [['--schema', 'try_me', '--select', 'raw_transactions'], 'nothing that was selected is built'],
    [['hourly', '--drop'], '--drop belongs to --schema'],
    [['hourly', '--schema', 'try_me', '--detach'], '--detach, --hold-for'],
    [['--schema', 'Try'], 'a name has small letters'],
  ])('%j cannot run', async (args, why) => {
    const { code, err } = await run(args);
    expect(err).toContain(why);
    expect(code).toBe(3);
  });
});
