import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { folders } from '../activities/shop.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { say } from './say.ts';
import type { Said } from './say.ts';

// Each is several processes, one after the other, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 });

let database: FreshDatabase;
const folder = mkdtempSync(path.join(tmpdir(), 'weir-unit-tests-'));
const modelsFolder = path.join(folder, 'models');
const tests = path.join(modelsFolder, 'silver', 'stg_transactions.test.yaml');
beforeAll(async () => {
  // Neither migrated nor deployed: the files are all that tests need.
  database = await freshDatabase({ migrated: false });
  cpSync(folders.modelsFolder, modelsFolder, { recursive: true });
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
});

function weirTest(args: readonly string[], models = modelsFolder): Promise<Said> {
  return say(['test', ...args], { DATABASE_URL: database.adminUrl, WEIR_MODELS_FOLDER: models });
}

/** One test of stg_transactions; the row that is given begins on line 5. */
function write(
  expected: string,
  given = '{transaction_id: T1, store_id: S1, total_amount: 5}',
  more = '',
): void {
  writeFileSync(
    tests,
    `tests:\n  - name: one\n    given:\n      delta.raw_transactions:\n        - ${given}\n    expect:\n      - ${expected}\n${more}`,
  );
}

describe('weir test', () => {
  test('every shipped model has tests, and they pass', async () => {
    const { code, out, err } = await weirTest([], folders.modelsFolder.replace(/\/$/, ''));
    expect(err).toBe('');
    expect(out).toMatch(/\n\d+ passed, 0 failed\n$/);
    expect(code).toBe(0);
    const { rows } = await sql`select from pg_namespace where nspname like 'weir_test%'`.execute(
      database.admin,
    );
    expect(rows).toEqual([]);
  });

  test('says which cell is wrong, which row is missing and which was not expected', async () => {
    write('{transaction_id: T1, total_amount: 6}\n      - {transaction_id: T9, total_amount: 1}', undefined);
    const said = await weirTest(['stg_transactions']);
    expect(said.out).toContain(
      'stg_transactions\n' +
        '  fails one\n' +
        '        models/silver/stg_transactions.test.yaml:2\n' +
        '        differs     {transaction_id: T1}\n' +
        '          total_amount: expected 6.00, found 5.00\n' +
        '        missing     {transaction_id: T9, total_amount: 1.00}\n' +
        '\n0 passed, 1 failed\n',
    );
    expect(said.code).toBe(1);
    write('{transaction_id: T2}');
    const { out } = await weirTest(['--select', 'stg_transactions', '--json']);
    expect(JSON.parse(out)).toMatchObject([
      {
        model: 'stg_transactions',
        line: 2,
        passed: false,
        differences: [{ kind: 'missing' }, { kind: 'unexpected' }],
      },
    ]);
  });

  test('a row too many shows, also where it is one like another', async () => {
    const two = '{transaction_id: T1, store_id: S1, total_amount: 5}';
    write('{store_id: S1}', `${two}\n        - {transaction_id: T2, store_id: S1, total_amount: 5}`);
    const { code, out } = await weirTest(['stg_transactions']);
    expect(out).toContain('        unexpected  {store_id: S1}\n');
    expect(code).toBe(1);
  });

  test('a SELECT that Postgres refuses for these rows fails the test', async () => {
    const layer = path.join(modelsFolder, 'gold', 'dim_ratio');
    writeFileSync(
      `${layer}.sql`,
      '/*\nkind: full_refresh\nschedule: daily\nunique_key: [store_id]\nowner: o\ndescription: d\ngrain: g\ngate: none\ngate_reason: r\n*/\nselect store_id, 1 / store_size_sqft as ratio from gold.dim_stores\n',
    );
    writeFileSync(
      `${layer}.test.yaml`,
      'tests:\n  - name: nil\n    given: {gold.dim_stores: [{store_id: S1, store_size_sqft: 0}]}\n    expect: []\n  - name: columns\n    given: {gold.dim_stores: []}\n    expect: []\n    expect_columns: [ratio, store_id]\n',
    );
    const { code, out } = await weirTest(['dim_ratio']);
    rmSync(`${layer}.sql`);
    rmSync(`${layer}.test.yaml`);
    expect(out).toContain('Postgres refused the SELECT: division by zero (SQLSTATE 22012)');
    expect(out).toContain('expected the columns ratio, store_id; found store_id, ratio');
    expect(code).toBe(1);
  });

  test.each<[string, () => void, string]>([
    ['a column that is not there', () => write('{id: T1}'), ':7: stg_transactions has no column id. '],
    [
      'a column that is not given',
      () => write('{transaction_id: T1}', '{store: S1}'),
      ':5: raw_transactions has no column store. ',
    ],
    [
      'a value of another type',
      () => write('{transaction_id: T1}', '{total_amount: much}'),
      ':5: invalid input syntax for type numeric: "much". ',
    ],
    [
      'a key that is not known',
      () => write('{transaction_id: T1}', undefined, '    asof: 1\n'),
      ':8: tests.0 has asof',
    ],
  ])('cannot run: %s', async (_, prepare, why) => {
    prepare();
    const { code, out, err } = await weirTest(['stg_transactions']);
    expect(out).toBe('');
    expect(err).toContain(`models/silver/stg_transactions.test.yaml${why}`);
    expect(code).toBe(3);
  });

  test.each([
    ['stg_transaction', 'Did you mean `stg_transactions`?'],
    ['layer:bronze', 'nothing that was selected has tests'],
  ])('cannot run %s', async (selection, why) => {
    write('{transaction_id: T1}');
    const { code, err } = await weirTest([selection]);
    expect(err).toContain(why);
    expect(code).toBe(3);
  });

  test('a file of tests without its model is not passed over', async () => {
    write('{transaction_id: T1}');
    const stray = path.join(modelsFolder, 'silver', 'stg_transaction.test.yaml');
    writeFileSync(stray, 'tests: []\n');
    const { code, err } = await weirTest([]);
    rmSync(stray);
    expect(err).toContain(
      'models/silver/stg_transaction.test.yaml:1: no model is named stg_transaction. Did you mean',
    );
    expect(code).toBe(3);
  });
});
