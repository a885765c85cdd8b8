import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../expectations/json.ts';
import { expectation, suiteText } from '../expectations/suite-text.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { say } from './say.ts';
import type { Said } from './say.ts';

let database: FreshDatabase;
const folder = mkdtempSync(path.join(tmpdir(), 'weir-validate-'));
beforeAll(async () => {
  database = await freshDatabase();
  await sql`create schema shop`.execute(database.admin);
  await sql`grant usage on schema shop to weir_validator`.execute(database.admin);
  await sql`create sequence shop.counter`.execute(database.admin);
  await sql`grant all on shop.counter to weir_validator`.execute(database.admin);
  await sql`create table shop."Old sales" (id integer, amount numeric, at timestamptz)`.execute(
    database.admin,
  );
  await sql`insert into shop."Old sales" values (1, 5, '2017-01-01'), (2, -1, '2017-01-02'), (2, null, null)`.execute(
    database.admin,
  );
  await sql`grant select on shop."Old sales" to weir_validator`.execute(database.admin);
  await sql`create table shop.hidden (id integer)`.execute(database.admin);
  await sql`revoke all on shop.hidden from weir_validator`.execute(database.admin);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
});

function validate(...args: string[]): Promise<Said> {
  return say(['validate', ...args], { DATABASE_URL: database.adminUrl });
}

function suiteFile(...expectations: JsonObject[]): string {
  const file = path.join(folder, `${Math.random().toString(36).slice(2)}.json`);
  writeFileSync(file, suiteText(expectations));
  return file;
}

const table = ['--table', 'shop."Old sales"'];
const positive = expectation('expect_column_values_to_be_between', { column: 'amount', min_value: 0 });
const present = expectation('expect_column_values_to_not_be_null', { column: 'id' });

describe('weir validate', () => {
  test('says what holds and what does not, and exits by the loudest failure', async () => {
    const broken = await validate(suiteFile(positive, present), ...table);
    expect(broken.err).toBe('');
    expect(broken.out).toMatch(
      /^fails critical {2}amount at least 0 {2}1 of 2 rows outside\nok {4}critical {2}id present .*\n\ntest: 1 of 2 promises hold for 3 rows/,
    );
    expect(broken.code).toBe(1);
    const warned = await validate(suiteFile({ ...positive, severity: 'warning' }, present), ...table);
    expect(warned.code).toBe(2);
    const recorded = await validate(suiteFile({ ...positive, severity: 'info' }), ...table);
    expect(recorded.code).toBe(0);
  });

  test('compares with the table that is named as published, and says so where none is', async () => {
    await sql`create table shop.published (id integer primary key)`.execute(database.admin);
    await sql`insert into shop.published values (1), (3)`.execute(database.admin);
    await sql`grant select on shop.published to weir_validator`.execute(database.admin);
    const unique = expectation('expect_compound_columns_to_be_unique_in_published', { column_list: ['id'] });
    const file = suiteFile(unique);
    const alone = await validate(file, ...table);
    expect(alone.out).toContain(
      'there is no published table to compare with: it is asked at a gate, or by weir',
    );
    expect(alone.code).toBe(1);
    const beside = await validate(file, ...table, '--published', 'shop.published');
    expect(beside.out).toContain('3 of 3 rows with a combination that occurs more than once');
    const missing = await validate(file, ...table, '--published', 'shop.nowhere');
    expect(missing).toMatchObject({ code: 3, out: '' });
    expect(missing.err).toContain('there is no relation shop.nowhere');
  });

  test('chooses rows, takes parameters and the time, and prints Great Expectations’ JSON', async () => {
    const kwargs = { min_value: { $PARAMETER: 'lo' }, max_value: { $PARAMETER: 'hi' } };
    const fresh = { column: 'at', min_value: { $PARAMETER: "now() - interval '1 day'" } };
    const file = suiteFile(
      expectation('expect_table_row_count_to_be_between', kwargs),
      expectation('expect_column_max_to_be_between', fresh),
      present,
    );
    const chosen = ['--where', 'id = 1 -- the first', '--parameter', 'lo=1', '--parameter=hi=1'];
    const { code, out } = await validate(
      file,
      ...[...table, ...chosen, '--as-of', '2017-01-02T00:00:00Z', '--json'],
      ...['--result-format', '{"result_format": "BASIC", "unexpected_index_column_names": ["id"]}'],
    );
    expect(JSON.parse(out)).toMatchObject({
      success: true,
      suite_parameters: { lo: 1, hi: 1 },
      meta: {
        run_id: { run_name: 'weir validate' },
        weir: { relation: 'shop."Old sales"', rows: 1, suite: { file }, milliseconds: expect.any(Number) },
      },
      results: [
        { result: { observed_value: 1 } },
        { success: true },
        { result: { unexpected_index_column_names: ['id'] } },
      ],
    });
    expect(code).toBe(0);
  });

  test('explains itself without asking', async () => {
    const unique = expectation('expect_column_values_to_be_unique', { column: 'id' });
    const { code, out } = await validate(suiteFile(positive, unique, present), ...table, '--explain');
    expect(out).toContain('"amount" < \'0\'::numeric');
    expect(out).toContain('-- reads: Seq Scan on Old sales');
    expect(out).toContain('1 statement and 2 scans for 3 promises');
    expect(code).toBe(0);
  });

  test('says what a constraint proves, and measures it all the same with --no-proofs', async () => {
    await sql`create table shop.kept (id integer primary key, amount numeric check (amount >= 0))`.execute(
      database.admin,
    );
    await sql`grant select on shop.kept to weir_validator`.execute(database.admin);
    const unique = expectation('expect_column_values_to_be_unique', { column: 'id' });
    const file = suiteFile(positive, unique, present);
    const kept = ['--table', 'shop.kept'];
    const explained = await validate(file, ...kept, '--explain');
    expect(explained.out).toContain(
      '-- proved: amount at least 0: by constraint, check kept_amount_check\n' +
        '-- proved: id unique: by constraint, unique index kept_pkey\n' +
        '-- proved: id present: by constraint, NOT NULL of id\n' +
        '-- 1 statement and 1 scan for 3 promises',
    );
    expect(explained.out).not.toMatch(/"amount" <|repeat/);
    const measured = await validate(file, ...kept, '--explain', '--no-proofs');
    expect(measured.out).toContain('-- measured: id unique\n');
    expect(measured.out).toContain('"amount" < \'0\'::numeric');
    expect(measured.out).toContain('1 statement and 2 scans for 3 promises');
    const asked = await validate(file, ...kept);
    expect(asked.out).toMatch(/^ok {4}critical {2}id unique .* \(proved by unique index kept_pkey\)$/m);
    const { out } = await validate(file, ...kept, '--json');
    const proof = { by: 'constraint', text: 'NOT NULL of id' };
    expect(JSON.parse(out).results[2].meta.weir).toMatchObject({ from: 'proof', proof });
  });

  test.each<[string, string, (file: string) => string[]]>([
    ['a suite that is not there', 'there is no suite nope', () => ['nope', ...table]],
    ['a table that is not there', 'there is no relation public.nope', (f) => [f, '--table', 'public.nope']],
    ['a table without a schema', 'is not schema.table', (f) => [f, '--table', 'nope']],
    ['a table it may not read', 'permission denied', (f) => [f, '--table', 'shop.hidden']],
    ['a parameter nobody uses', 'used by nothing', (f) => [f, ...table, '--parameter', 'lo=1']],
    ['a format that is none', 'COMPLETE', (f) => [f, ...table, '--result-format', 'all']],
    ['SQL that is none', 'syntax error', (f) => [f, ...table, '--where', 'id =']],
    ['a time that is none', 'not ISO 8601', (f) => [f, ...table, '--as-of', 'yesterday']],
  ])('cannot run: %s', async (_, why, args) => {
    const { code, err } = await validate(...args(suiteFile(present)));
    expect(err).toContain(why);
    expect(code).toBe(3);
  });

  test('--where may read and no more', async () => {
    const write = "id in (select nextval('shop.counter'))";
    const { code, err } = await validate(suiteFile(present), ...table, '--where', write);
    expect(err).toContain('25006');
    expect(code).toBe(3);
  });
});
