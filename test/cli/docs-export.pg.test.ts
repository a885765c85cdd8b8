import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGate } from '../../activities/gate.ts';
import type { Verdict } from '../../expectations/verdict.ts';
import { folders, openShop, runOf } from '../activities/shop.ts';
import type { Sale, Shop } from '../activities/shop.ts';
import { findPython, loadWithGreatExpectations } from '../great-expectations/load.ts';
import { say, type Said } from './say.ts';

const found = findPython();
const python = 'python' in found ? found.python : null;
const run = runOf('hourly/2017-01-30T23:00:00Z');
const at = '2017-01-30T23:30:00';
/** Values of rows, each of another kind of column, and of the store set that a parameter reads. */
const CANARIES = ['CANARY-STORE', 'CANARY-ID', 'KNOWN-STORE', '100000.01'];

let shop: Shop;
let verdict: Verdict;
beforeAll(async () => {
  shop = await openShop();
  await sql`insert into gold.dim_stores (store_id) values ('STORE_00001'), ('KNOWN-STORE')`.execute(
    shop.admin,
  );
  const sales: readonly Sale[] = [
    { id: 'T1', at },
    { id: 'T2', at, store: 'CANARY-STORE' },
    ...[1, 2].map((amount): Sale => ({ id: 'CANARY-ID', at, amount })),
    { id: 'T3', at, amount: 100_000.01 },
  ];
  await shop.land(sales, { file: 'hour-23.jsonl' });
  const { loadId } = await shop.openWindow('stg_transactions', run);
  const { gate } = createGate({ databases: shop.database.databases, folders });
  verdict = await gate({ loadId, model: 'stg_transactions', gate: 'input', suite: 'transactions', run });
});
afterAll(() => shop.database.drop());

function newFolder(): string {
  return path.join(mkdtempSync(path.join(tmpdir(), 'weir-export-')), 'data-docs');
}

function docsExport(...args: readonly string[]): Promise<Said> {
  return say(['docs', 'export', ...args], { DATABASE_URL: shop.database.adminUrl });
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(path.join(folder, name)).isFile(),
  );
}

function allText(folder: string): string {
  return filesIn(folder)
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .join('\n');
}

function resultsIn(folder: string): readonly string[] {
  return filesIn(folder).filter((name) => /validations\/.*\.json$/.test(name));
}

describe('an export', () => {
  test('has every suite, and the result where Great Expectations looks for it, without a value of a row', async () => {
    const folder = newFolder();
    const { code, out, err } = await docsExport(folder);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [result = '', ...more] = resultsIn(folder);
    expect(more).toEqual([]);
    expect(result).toMatch(
      /^gx\/uncommitted\/validations\/transactions\/hourly-2017-01-30T23-00-00Z-[0-9a-f]{8}\/\d{8}T\d{6}\.\d{6}Z\/stg_transactions-input-\d+\.json$/,
    );
    const suites = filesIn(folder).filter((name) => name.startsWith('gx/expectations/'));
    expect(suites).toHaveLength(readdirSync(folders.suitesFolder).length);
    for (const canary of CANARIES) expect(allText(folder)).not.toContain(canary);
    const read = readFileSync(path.join(folder, result), 'utf8');
    expect(JSON.parse(read)).toMatchObject({
      success: false,
      statistics: { unsuccessful_expectations: 3 },
      meta: { weir: { verdict: verdict.verdictId, model: 'stg_transactions' } },
    });
    // What it is about and how bad it is may be told, and is.
    expect(read).toContain('"unexpected_count":2');
    expect(read).toContain('"value_set":["valid_store_ids: 2 values"]');
    expect(out).toContain(`${suites.length} suites in ${path.join(folder, 'gx/expectations')}`);
    expect(out).toContain('1 result, no values of rows, in');
    expect(out).toContain(`context = gx.get_context(mode="file", project_root_dir="${folder}")`);
  });

  test('has values of rows where they are asked for, warns, and lets nobody else read them', async () => {
    const folder = newFolder();
    const { code, err } = await docsExport(folder, '--values');
    expect(code).toBe(0);
    expect(err).toContain('values of rows are in');
    const [result = ''] = resultsIn(folder);
    for (const canary of CANARIES) expect(allText(folder)).toContain(canary);
    expect(statSync(path.join(folder, result)).mode & 0o077).toBe(0);
    const again = await docsExport(folder);
    expect(again.code).toBe(0);
    for (const canary of CANARIES) expect(allText(folder)).not.toContain(canary);
  });

  test('is written again: what is no more is removed, and nothing that was not its own', async () => {
    const folder = newFolder();
    await docsExport(folder);
    const own = path.join(folder, 'gx/expectations/mine.json');
    writeFileSync(own, '{}');
    const { code, out } = await docsExport(
      folder,
      '--since',
      '2999-01-01',
      '--suite',
      'dim_stores',
      '--json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ suites: 1, results: 0, leftOut: 0, values: false });
    expect(resultsIn(folder)).toEqual([]);
    expect(readdirSync(path.join(folder, 'gx/expectations')).toSorted()).toEqual([
      'dim_stores.json',
      'mine.json',
    ]);
  });

  test('says how many results a limit left out', async () => {
    const folder = newFolder();
    await sql`
      with again as (
        insert into control.gate_run (verdict_id, load_id, model, gate, suite, suite_hash, outcome, rows_checked,
          expectations_evaluated, expectations_failed, as_of, workflow_id, run_id)
        select verdict_id, load_id, model, gate, suite, 'another', outcome, rows_checked, expectations_evaluated,
          expectations_failed, as_of, workflow_id, run_id from control.gate_run
        returning evaluation_id
      )
      insert into control.gate_result (evaluation_id, result, parameters)
      select again.evaluation_id, kept.result, kept.parameters from again, control.gate_result as kept`.execute(
      shop.admin,
    );
    const { out } = await docsExport(folder, '--limit', '1');
    expect(out).toContain('1 result, no values of rows');
    expect(out).toContain('; 1 older one left out: --limit takes more');
    // Its suite is another by now: what was written there and what came out of rows cannot be told apart.
    for (const canary of CANARIES) expect(allText(folder)).not.toContain(canary);
    expect(allText(folder)).toContain('"value_set":["not shown: 2 values"]');
  });

  test.each([
    [['--suite', 'transaction'], 'there is no suite transaction'],
    [['--limit', 'many'], '--limit many is no number'],
    [['--since', 'long ago'], '--since long ago is neither'],
  ])('refuses %j with a sentence', async (args, says) => {
    const folder = newFolder();
    const { code, err } = await docsExport(folder, ...args);
    expect(code).toBe(3);
    expect(err).toContain(says);
    expect(existsSync(folder)).toBe(false);
  });

  test('leaves a project alone that is somebody’s own', async () => {
    const folder = newFolder();
    mkdirSync(path.join(folder, 'gx'), { recursive: true });
    const { code, err } = await docsExport(folder);
    expect(code).toBe(3);
    expect(err).toContain('is there already and no export of Weir');
    expect(filesIn(folder)).toEqual([]);
  });

  test.skipIf(python === null)(
    `Great Expectations opens it and builds a page of each suite and result${python === null ? `: skipped, ${'missing' in found ? found.missing : ''}` : ''}`,
    async () => {
      for (const values of [[], ['--values']]) {
        const folder = newFolder();
        await docsExport(folder, ...values);
        const said = await loadWithGreatExpectations(python ?? '', [
          { name: 'it', kind: 'export', text: folder },
        ]);
        const it = said.get('it');
        expect(it?.problems).toEqual([]);
        const pages = new Map(Object.entries(it?.facts['pages'] ?? {}));
        const names = [...pages.keys()];
        const suites = readdirSync(folders.suitesFolder).map((name) => name.replace('.json', ''));
        expect(names).toEqual(expect.arrayContaining(suites.map((name) => `expectations/${name}.html`)));
        const about = names.filter((name) => name.startsWith('validations/transactions/'));
        expect(about).toHaveLength(Number(it?.facts['results']));
        const text = [...pages.values()].join('\n');
        expect(text).toContain('values must belong to this set');
        expect(text.includes('CANARY-STORE')).toBe(values.length > 0);
      }
    },
    300_000,
  );
});
