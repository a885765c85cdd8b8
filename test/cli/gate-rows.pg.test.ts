import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGate } from '../../activities/gate.ts';
import { readBatchColumns } from '../../activities/gate/batch-columns.ts';
import { evaluateSuite } from '../../activities/gate/evaluate.ts';
import { failingQueries, gateMeta } from '../../activities/gate/gate-result.ts';
import { storeVerdict } from '../../activities/gate/store-verdict.ts';
import { applyWindow } from '../../activities/load-window.ts';
import { readStoredRows } from '../../cli/gate-rows/stored-rows.ts';
import type { StoredRows } from '../../cli/gate-rows/stored-rows.ts';
import { failedExpectation, suiteResult } from '../../expectations/judge.ts';
import { summary } from '../../expectations/result-format.ts';
import { decideVerdict } from '../../expectations/verdict.ts';
import type { Verdict } from '../../expectations/verdict.ts';
import { loginUrl } from '../../infra/local/logins.ts';
import type { Login } from '../../infra/local/logins.ts';
import { folders, openShop, runOf } from '../activities/shop.ts';
import type { Sale, Shop } from '../activities/shop.ts';
import { expectation, suiteOf } from '../expectations/suite-text.ts';
import { say } from './say.ts';
import type { Said } from './say.ts';

const PSQL = spawnSync('psql', ['--version']).status === 0;
const run = runOf('hour-10');
const at = '2017-01-30T23:30:00';

let shop: Shop;
let loadId: number;
let verdict: Verdict;
beforeAll(async () => {
  shop = await openShop();
  await sql`insert into gold.dim_stores (store_id) values ('STORE_00001'), ('STORE_00002')`.execute(
    shop.admin,
  );
  const strangers = Array.from({ length: 25 }, (_, n): Sale => ({ id: `S${n}`, at, store: `O'Brien ${n}` }));
  const twice: readonly Sale[] = [1, 2].map((n) => ({ id: 'T1', at, amount: n }));
  await shop.land([...strangers, ...twice, { id: 'T2', at, amount: 100_000.01 }], { file: 'hour-10.jsonl' });
  ({ loadId } = await shop.openWindow('stg_transactions', run));
  verdict = await look('input');
  // Rows that came later are none of this verdict's.
  await shop.land([{ id: 'T9', at, store: 'LATER' }], { file: 'hour-11.jsonl' });
});
afterAll(() => shop.database.drop());

function look(gate: 'input' | 'output'): Promise<Verdict> {
  const { gate: check } = createGate({ databases: shop.database.databases, folders });
  return check({ loadId, model: 'stg_transactions', gate, suite: 'transactions', run });
}

/** As the administrator, or as one of the logins. */
function rows(args: readonly string[], login?: Login): Promise<Said> {
  const { adminUrl } = shop.database;
  const url = login === undefined ? adminUrl : loginUrl(adminUrl, login);
  return say(['gate', 'rows', ...args], { DATABASE_URL: url });
}

async function stored(verdictId: string): Promise<StoredRows> {
  const { code, out, err } = await rows([verdictId, '--json']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const found: StoredRows = JSON.parse(out);
  return found;
}

/** Without what is another in each run: ids, times of the clock, transactions. */
function timeless(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')
    .replaceAll(/20[2-9]\d-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/(?<="to_xmax" = ')\d+/g, 'XID')
    .replaceAll(/(?<="to_xip" = '\{)[\d,]+/g, '');
}

/** How many rows each statement of a text gives, on the login that may read results. */
async function counts(text: string): Promise<number> {
  const client = new pg.Client(loginUrl(shop.database.adminUrl, 'weir_result_reader'));
  await client.connect();
  try {
    const results: unknown = await client.query(text);
    return (Array.isArray(results) ? results : [results]).flatMap(({ command, rowCount }) =>
      command === 'SELECT' ? [rowCount] : [],
    )[0];
  } finally {
    await client.end();
  }
}

async function expectAllListed({ broken }: StoredRows): Promise<void> {
  for (const { sql: text, unexpectedCount, promise } of broken)
    expect([promise, text === null ? null : await counts(text)]).toEqual([promise, unexpectedCount]);
}

describe('an input gate', () => {
  test('tells of each broken promise the keys that were kept, and how many there are', async () => {
    const { code, out } = await rows([verdict.verdictId]);
    expect(code).toBe(0);
    expect(out).toContain('stg_transactions · input gate, suite transactions · fail');
    expect(out).toContain('28 rows of bronze.raw_transactions as of 2017-01-31T00:00:00.000Z');
    expect(out).toContain('transaction_id unique: 2 of 28 rows with a value that occurs more than once');
    expect(out).toContain('critical, expect_column_values_to_be_in_set, /expectations/');
    expect(out).toContain(`"store_id":"O'Brien 0"`);
    expect(out).toContain('  and 5 more\n');
    expect(out).toContain(`set local "weir"."raw_transactions"."mode" = 'arrival';`);
  });

  test('docs/results.md shows what it prints', async () => {
    const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/results.md'), 'utf8');
    const shown = /```text\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    const { out } = await rows([verdict.verdictId]);
    for (const part of shown.split('…\n')) expect(timeless(out)).toContain(timeless(part));
  });

  test('its SQL lists exactly the failing rows, whatever came since', async () => {
    const found = await stored(verdict.verdictId.slice(0, 13).toUpperCase());
    expect(found.broken.map(({ type, unexpectedCount }) => [type, unexpectedCount])).toEqual([
      ['expect_column_values_to_be_unique', 2],
      ['expect_column_values_to_be_between', 1],
      ['expect_column_values_to_be_in_set', 25],
    ]);
    expect(found.broken.map(({ rows: kept }) => kept.length)).toEqual([2, 1, 20]);
    await expectAllListed(found);
  });

  test.skipIf(!PSQL)('the text as it is printed runs in psql', async () => {
    const { out } = await rows([verdict.verdictId]);
    const url = loginUrl(shop.database.adminUrl, 'weir_result_reader');
    const [text = '', ...more] = [...out.matchAll(/^begin transaction[\s\S]*?^commit;$/gm)].map(
      ([one]) => one,
    );
    expect(more).toEqual([]);
    const said = spawnSync('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', url], {
      input: text,
      encoding: 'utf8',
    });
    expect(said.stderr).toBe('');
    expect(said.stdout.trim().split('\n')).toHaveLength(2 + 1 + 25);
  });

  test('what was stored is what was asked: parameters may change since', async () => {
    await sql`insert into gold.dim_stores (store_id) select 'O''Brien ' || n from generate_series(0, 24) n`.execute(
      shop.admin,
    );
    await expectAllListed(await stored(verdict.verdictId));
  });
});

describe('an output gate', () => {
  test('reads the candidate, and says when that is gone', async () => {
    const { attempt } = await shop.stage({ loadId, run });
    expect(attempt).toBeGreaterThan(0);
    const { candidate } = await shop.ledger(loadId);
    await sql`update ${sql.id('candidate', candidate ?? '')} set transaction_id = null where transaction_id = 'T2'`.execute(
      shop.admin,
    );
    const failing = await look('output');
    const found = await stored(failing.verdictId);
    expect(found).toMatchObject({ gone: false, relation: `candidate.${candidate}` });
    expect(found.broken.length).toBeGreaterThan(0);
    await expectAllListed(found);
    await sql`drop table ${sql.id('candidate', candidate ?? '')}`.execute(shop.admin);
    const { code, out } = await rows([failing.verdictId]);
    expect(code).toBe(0);
    expect(out).toContain(`candidate.${candidate} is gone since its load was published`);
    expect(out).not.toContain('begin transaction');
  });
});

describe('hostile names and values', () => {
  test('come out as SQL that lists exactly the failing rows', async () => {
    const values = [
      `'; drop table x; --`,
      String.raw`\'`,
      '$1 $$ $2',
      'line\nbreak',
      ':name "q"',
      'ü',
      '\u001b[31m\\red\u0085',
    ];
    const relation = ['we "ird', `ta'b"le.x $1`] as const;
    const columns = ['a "b".c', `d'; --`] as const;
    const [first, second] = columns;
    const table = sql.id(...relation);
    await sql`create schema ${sql.id(relation[0])}`.execute(shop.admin);
    await sql`create table ${table} (${sql.id(first)} text, ${sql.id(second)} text)`.execute(shop.admin);
    for (const value of values)
      await sql`insert into ${table} values (${value}, ${value})`.execute(shop.admin);
    await sql`grant usage on schema ${sql.id(relation[0])} to weir_validator`.execute(shop.admin);
    await sql`grant select on ${table} to weir_validator`.execute(shop.admin);
    const not = (column: string, value: string): object => ({
      row_condition: { type: 'comparison', column: { name: column }, operator: '!=', parameter: value },
    });
    const suite = suiteOf([
      ...values.map((value) =>
        expectation('expect_column_values_to_not_be_in_set', {
          column: first,
          value_set: [value, `${value}${value}`],
        }),
      ),
      ...values.map((value) =>
        expectation('expect_column_values_to_be_null', { column: second, ...not(first, value) }),
      ),
      expectation('expect_column_values_to_not_match_regex', { column: first, regex: String.raw`^\$1|'|\\` }),
      expectation('expect_compound_columns_to_be_unique', { column_list: columns }),
      expectation('unexpected_rows_expectation', {
        unexpected_rows_query: String.raw`select * from {batch} b where "a ""b"".c" <> $x$$1 it's$x$ and "a ""b"".c" <> E'\\\'$1' or 'a $2' = $$$1$$ -- it's`,
      }),
    ]);
    const load = await shop.ledger(loadId);
    const facts = {
      model: 'stg_transactions',
      gate: 'input',
      suite: 'test',
      loadId,
      asOf: load.asOf,
    } as const;
    const found = await shop.database.databases.validator
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (trx) => {
        await applyWindow(trx, load.window, load.asOf);
        const known = await readBatchColumns(trx, { schema: relation[0], table: relation[1] });
        const batch = { relation, collapse: null, columns: known, key: [first] };
        const evaluation = await evaluateSuite(trx, suite, batch, {
          values: {},
          asOf: load.asOf,
          format: summary,
        });
        const failed = evaluation.judged.flatMap(
          (one) => failedExpectation(one, new Set(), [suite.weir]) ?? [],
        );
        const meta = gateMeta({ load, facts, suite }, relation, {});
        return {
          decided: decideVerdict({ ...facts, rows: evaluation.rows, evaluated: 15 }, failed, null),
          result: suiteResult(suite, evaluation.judged, evaluation, { parameters: {}, meta }),
          parameters: {},
          queries: failingQueries(trx, evaluation.judged, batch, load),
          figures: {},
          promises: [],
        };
      });
    const { verdictId } = await storeVerdict(shop.database.databases.loader, {
      ...found,
      suiteText: suite.text,
      attempt: 0,
      run,
      previousVerdictId: null,
    });
    const kept = await stored(verdictId);
    // Nothing of it moves the terminal it is shown in.
    // oxlint-disable-next-line no-control-regex -- Those are what it is about.
    expect((await rows([verdictId])).out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(kept.broken.map(({ unexpectedCount }) => unexpectedCount)).toEqual([
      ...values.map(() => 1),
      ...values.map(() => values.length - 1),
      4,
      null,
    ]);
    await expectAllListed({ ...kept, broken: kept.broken.slice(0, -1) });
    expect(await counts(kept.broken.at(-1)?.sql ?? '')).toBe(values.length);
  });
});

describe('who may read, and what is there', () => {
  const missing = '00000000-0000-4000-8000-000000000000';

  test('a login without the right is told so, one with it reads', async () => {
    expect(await rows([verdict.verdictId], 'weir_validator')).toEqual({
      code: 3,
      out: '',
      err: expect.stringContaining('grant weir_result_reader to it'),
    });
    expect(await rows([verdict.verdictId], 'weir_result_reader')).toMatchObject({ code: 0, err: '' });
  });

  test('unknown, ambiguous, none and expired: each a sentence', async () => {
    const read = (id: string) => readStoredRows(shop.admin, id);
    await expect(read(missing)).rejects.toThrow('no verdict begins with');
    await expect(read('stg_transactions')).rejects.toThrow('is no verdict id');
    const { evaluation_id: _, ...values } = await shop.admin
      .selectFrom('control.gate_run')
      .selectAll()
      .limit(1)
      .executeTakeFirstOrThrow();
    const ids = ['ffff0000-0000-4000-8000-000000000001', 'ffff0000-0000-4000-8000-000000000002'];
    for (const id of ids)
      await shop.admin
        .insertInto('control.gate_run')
        .values({ ...values, verdict_id: id })
        .execute();
    const ambiguous = await rows(['ffff']);
    expect(ambiguous).toMatchObject({ code: 3, err: expect.stringContaining('fits more than one verdict') });
    for (const id of ids) expect(ambiguous.err).toContain(id);
    await expect(read(ids[0] ?? '')).rejects.toThrow('has expired');
  });
});
