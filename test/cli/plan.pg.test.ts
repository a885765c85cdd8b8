import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createPlan } from '../../activities/plan.ts';
import { folders, openShop, runOf } from '../activities/shop.ts';
import type { Shop } from '../activities/shop.ts';
import { freshDatabase } from '../setup/database.ts';
import { say } from './say.ts';
import type { Said } from './say.ts';

// Each is several processes, one after the other, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 });

let shop: Shop;
const folder = mkdtempSync(path.join(tmpdir(), 'weir-plan-'));
const modelsFolder = path.join(folder, 'models');
const suitesFolder = path.join(folder, 'suites');
const stg = path.join(modelsFolder, 'silver', 'stg_transactions.sql');
beforeAll(async () => {
  shop = await openShop();
  const plan = createPlan({ databases: shop.database.databases, environment: 'test', folders });
  await plan.plan({ pipeline: 'hourly' });
  await shop.land([{ id: 'T1' }, { id: 'T2', store: 'STORE_00002' }], { file: 'a.jsonl' });
  await shop.load('stg_transactions', runOf('first'));
  await shop.load('fct_daily_sales', runOf('first'));
  await shop.land([{ id: 'T3' }, { id: 'T4' }, { id: 'T5' }], { file: 'b.jsonl' });
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await shop.database.drop();
});
beforeEach(() => {
  for (const [from, to] of [
    [folders.modelsFolder, modelsFolder],
    [folders.suitesFolder, suitesFolder],
  ] as const) {
    rmSync(to, { recursive: true, force: true });
    cpSync(from, to, { recursive: true });
  }
});

function plan(...args: string[]): Promise<Said> {
  return say(['plan', ...args], {
    DATABASE_URL: shop.database.adminUrl,
    WEIR_MODELS_FOLDER: modelsFolder,
    WEIR_SUITES_FOLDER: suitesFolder,
  });
}

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
}

describe('weir plan', () => {
  test('says in order what would run, since when, how much, and who asks', async () => {
    const { code, out, err } = await plan('hourly', '--select', '+fct_daily_sales');
    expect(err).toBe('');
    expect(out).toMatch(/^ 1 {2}raw_transactions +hourly source by json_lines\n/);
    expect(out).toMatch(/\n 2 {2}stg_transactions +hourly incremental {2}after raw_transactions\n/);
    expect(out).toMatch(
      /reads {4}delta\.raw_transactions: what arrived since \S+ \(load 1\): 3 rows, and what this run lands\n/,
    );
    expect(out).toMatch(
      /reads {4}delta\.stg_transactions: what arrived since \S+ \(load 2\): 0 rows, and what this run publishes\n/,
    );
    expect(out).toMatch(/touches {2}0 keys\n/);
    expect(out).toMatch(/input {4}suite transactions: of \d+ promises, when they fail, \d+ hold the load/);
    expect(out).not.toContain('its SELECT');
    expect(out).toMatch(/\n1 source, 2 models( · .*)?\n$/);
    expect(code).toBe(0);
  });

  test('a changed SELECT: the lines, what it means, what depends on it; as it would be sent; nothing is written', async () => {
    edit(stg, 'when total_amount > 100000 then null', 'when total_amount > 50000 then null');
    const count = sql<{ all: string }>`
      select (select count(*) from control.load) || ' ' || (select count(*) from control.model_text) || ' ' ||
        (select count(*) from pg_class) as all`;
    const before = await count.execute(shop.admin);
    const { code, out } = await plan('--select', 'changed+,kind:incremental', '--sql');
    expect(await count.execute(shop.admin)).toMatchObject({ rows: before.rows });
    expect(out).toContain(
      'changed  its SELECT, key or touched queries are others than were published by load 1: rows published before stay as they were computed; weir run hourly --full-refresh stg_transactions rebuilds them\n',
    );
    expect(out).toMatch(/changed {2}what depends on it: fct_daily_sales, /);
    expect(out).toContain(
      '      -     when total_amount > 100000 then null\n      +     when total_amount > 50000 then null\n',
    );
    expect(out).toContain('create unlogged table "candidate"."stg_transactions_0_1" as select distinct on');
    expect(out).toContain('merge into "silver"."stg_transactions" as t');
    expect(out).toContain("select set_config('weir.raw_transactions.mode', 'arrival', true)");
    expect(out).toContain('insert into "touched"."fct_daily_sales_keys"');
    expect(code).toBe(0);
  });

  test('columns that come: what on_schema_change makes of it, refused where it says fail', async () => {
    const column = "  'x' as extra,\n  now() as transformed_at,";
    edit(stg, '  now() as transformed_at,', column);
    const refused = await plan('--select', 'stg_transactions');
    expect(refused.out).toContain('changed  new columns extra');
    expect(refused.err).toContain(
      'stg_transactions.sql does not fit silver.stg_transactions: extra is in the SELECT',
    );
    expect(refused.code).toBe(3);
    edit(stg, 'schedule: hourly', 'schedule: hourly\non_schema_change: append_new_columns');
    const allowed = await plan('--select', 'stg_transactions');
    expect(allowed.out).toContain('changed  new columns extra: weir migrate brings the table up to it');
    expect(allowed.code).toBe(0);
  });

  test('suites that changed since their verdict, and models that are held', async () => {
    await sql`insert into control.gate_run (verdict_id, load_id, model, gate, suite, suite_hash, outcome,
        expectations_evaluated, expectations_failed, as_of, workflow_id, run_id)
      values (gen_random_uuid(), 1, 'stg_transactions', 'input', 'transactions', 'of an earlier one', 'pass', 1, 0, now(), 'w', 'r')`.execute(
      shop.admin,
    );
    await sql`insert into control.lease (model, workflow_id, run_id, state) values ('stg_transactions', 'run-of-8', 'r', 'held')
      on conflict (model) do update set state = 'held', workflow_id = 'run-of-8'`.execute(shop.admin);
    const { code, out } = await plan('--select', 'stg_transactions', '--json');
    const said = await plan('--select', 'stg_transactions');
    await sql`delete from control.lease`.execute(shop.admin);
    expect(JSON.parse(out)).toMatchObject([
      {
        name: 'stg_transactions',
        held: { workflowId: 'run-of-8' },
        window: { deltas: [{ delta: 'raw_transactions', rows: { rows: 3, exact: true } }] },
        changes: {
          sentences: expect.arrayContaining([
            expect.stringContaining('suite transactions changed since the input gate was asked last'),
          ]),
        },
      },
    ]);
    expect(said.out).toMatch(/held {5}by run-of-8 since /);
    expect(said.out).toContain('held: stg_transactions');
    expect(code).toBe(0);
  });

  test('a watermark of another cluster is named: a load stops there', async () => {
    await sql`update control.watermark set system_identifier = '1' where model = 'stg_transactions'`.execute(
      shop.admin,
    );
    const { out } = await plan('--select', 'stg_transactions');
    await sql`update control.watermark set system_identifier = (select system_identifier from pg_control_system())`.execute(
      shop.admin,
    );
    expect(out).toContain('its watermark is of another cluster or timeline: a load stops there');
  });

  test('a freshness objective that no schedule can meet is refused with its line', async () => {
    writeFileSync(stg, readFileSync(stg, 'utf8').replace(/objective: \d+ minutes/, 'objective: 30 minutes'));
    const line =
      readFileSync(stg, 'utf8')
        .split('\n')
        .findIndex((one) => one.includes('objective: 30 minutes')) + 1;
    const { code, err } = await plan('--select', 'stg_transactions');
    expect(err).toContain(
      `models/silver/stg_transactions.sql:${line}: a freshness objective of 30 minutes, and it is loaded hourly`,
    );
    expect(code).toBe(3);
  });

  test('everything that is wrong with files is said at once', async () => {
    edit(stg, 'owner: store-data', 'owners: store-data');
    writeFileSync(path.join(suitesFolder, 'dim_stores.json'), '{"name": "dim_stores", "expectations": []}');
    const { code, out, err } = await plan();
    expect(err).toMatch(/models\/silver\/stg_transactions\.sql:\d+: the header has owners/);
    expect(err).toContain('the suite promises nothing');
    expect(out).toBe('');
    expect(code).toBe(3);
  });

  test('a database that is not migrated is named as such', async () => {
    const empty = await freshDatabase({ migrated: false });
    const settings = { DATABASE_URL: empty.adminUrl };
    const { code, err } = await say(['plan'], settings);
    await empty.drop();
    expect(err).toContain('weir migrate');
    expect(code).toBe(3);
  });

  test('that nothing has changed is an answer', async () => {
    expect(await plan('daily', '--select', 'changed,stg_transactions')).toMatchObject({
      code: 0,
      out: 'nothing of what is selected has changed\n',
    });
    expect(await plan('daily', '--select', 'changed,stg_transactions', '--json')).toMatchObject({
      code: 0,
      out: '[]\n',
    });
  });

  test.each([
    [['--select', 'stg_transaction'], 'Did you mean `stg_transactions`?'],
    [['--select', 'layers:gold'], 'Did you mean `layer`?'],
    [['weekly'], 'there is no pipeline weekly'],
    [['daily', '--select', 'stg_transactions'], 'nothing is selected'],
  ])('%j cannot run', async (args, why) => {
    const { code, err } = await plan(...args);
    expect(err).toContain(why);
    expect(code).toBe(3);
  });
});
