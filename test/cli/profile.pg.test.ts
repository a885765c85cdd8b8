import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseSuite } from '../../expectations/suite.ts';
import type { Suite } from '../../expectations/suite.ts';
import { findPython, loadWithGreatExpectations } from '../great-expectations/load.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { hostileTables } from './profile/hostile-tables.ts';
import { say } from './say.ts';
import type { Said } from './say.ts';

const found = findPython();
const python = 'python' in found ? found.python : null;

let database: FreshDatabase;
const folder = mkdtempSync(path.join(tmpdir(), 'weir-profile-'));

beforeAll(async () => {
  database = await freshDatabase();
  await sql`create schema shop`.execute(database.admin);
  for (const statement of hostileTables) await sql.raw(statement).execute(database.admin);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
});

function weir(...args: string[]): Promise<Said> {
  return say(args, { DATABASE_URL: database.adminUrl });
}

async function drafted(table: string, ...more: string[]): Promise<Said & { readonly suite: Suite }> {
  const said = await weir('profile', table, ...more);
  expect([said.code, said.code === 0 ? '' : said.err]).toEqual([0, '']);
  return { ...said, suite: parseSuite('drafted.json', said.out) };
}

/** The arguments of every promise of a type about a column. */
function about(suite: Suite, type: string, column: string): readonly object[] {
  return suite.expectations
    .filter(({ kind, kwargs }) => kind.type === type && kwargs['column'] === column)
    .map(({ kwargs }) => kwargs);
}

describe('weir profile drafts', () => {
  let suite: Suite;
  let said: Said;
  beforeAll(async () => {
    ({ suite, ...said } = await drafted('shop.sales'));
  });

  test('keys as critical, all else as warnings, each with its figure', () => {
    const critical = suite.expectations.filter(({ severity }) => severity === 'critical');
    expect(
      critical.map(({ kind, kwargs }) => [kind.type, kwargs['column'] ?? kwargs['column_list']]),
    ).toEqual([
      ['expect_column_values_to_be_unique', 'transaction_id'],
      ['expect_compound_columns_to_be_unique', ['at', 'line']],
      ['expect_column_values_to_not_be_null', 'transaction_id'],
      ['expect_column_values_to_not_be_null', 'line'],
      ['expect_column_values_to_not_be_null', 'at'],
    ]);
    for (const { notes } of suite.expectations) expect(notes).toMatch(/\d|declared|index|no row|foreign key/);
    expect(critical[0]?.notes).toBe('unique index sales_pkey');
  });

  test('sets, ranges, patterns, lengths, shares, order, references and freshness', () => {
    expect(about(suite, 'expect_column_values_to_be_in_set', 'currency')).toMatchObject([
      { value_set: ['EUR', 'USD'] },
    ]);
    expect(about(suite, 'expect_column_values_to_be_between', 'net_amount')).toMatchObject([
      { min_value: 0, strict_min: true, max_value: 100 },
    ]);
    expect(about(suite, 'expect_column_values_to_be_between', 'opened')).toMatchObject([
      { min_value: '2017-01-01', max_value: { $PARAMETER: 'now()' } },
    ]);
    expect(about(suite, 'expect_column_values_to_match_regex', 'transaction_id')).toMatchObject([
      { regex: '^T[0-9]{8}$' },
    ]);
    expect(about(suite, 'expect_column_values_to_be_json_parseable', 'raw')).toHaveLength(1);
    expect(about(suite, 'expect_column_value_lengths_to_be_between', 'note')).toMatchObject([
      { min_value: 0 },
    ]);
    expect(about(suite, 'expect_column_values_to_not_be_null', 'code')).toMatchObject([{ mostly: 0.98 }]);
    expect(about(suite, 'expect_column_max_to_be_between', 'at')).toHaveLength(1);
    const pairs = suite.expectations.filter(({ kind }) => kind.type.includes('_pair_'));
    expect(pairs.map(({ kwargs }) => [kwargs['column_B'], kwargs['column_A']])).toContainEqual([
      'opened',
      'closed',
    ]);
    expect(pairs.map(({ kwargs }) => [kwargs['column_B'], kwargs['column_A']])).toContainEqual([
      'net_amount',
      'total_amount',
    ]);
    expect(suite.expectations.filter(({ kind }) => kind.type === 'unexpected_rows_expectation')).toHaveLength(
      1,
    );
  });

  test('no value of what looks personal', () => {
    for (const name of ['card_number', 'email']) {
      expect(about(suite, 'expect_column_values_to_be_in_set', name)).toEqual([]);
      expect(about(suite, 'expect_column_values_to_be_between', name)).toEqual([]);
    }
    expect(about(suite, 'expect_column_values_to_match_regex', 'email')).toHaveLength(1);
    expect(about(suite, 'expect_column_values_to_match_regex', 'card_number')).toMatchObject([
      { regex: '^[0-9]{16}$' },
    ]);
    expect(said.out).not.toContain('example.org');
    expect(said.err).toContain('no values told: card_number');
  });

  test.skipIf(python === null)(
    'a suite that Great Expectations itself imports whole',
    async () => {
      const given = { name: 'drafted', kind: 'suite', text: said.out } as const;
      const loaded = await loadWithGreatExpectations(python ?? '', [given]);
      expect(loaded.get('drafted')?.problems).toEqual([]);
    },
    120_000,
  );

  test('nothing about a column without values but its type', () => {
    const named = suite.expectations.filter(({ kwargs }) => kwargs['column'] === 'nothing');
    expect(named.map(({ kind }) => kind.type)).toEqual(['expect_column_values_to_be_of_type']);
  });
});

test.each(['shop.sales', 'shop.wide'])('what is drafted from %s holds for it', async (table) => {
  const file = path.join(folder, 'drafted.json');
  const { out, err } = await drafted(table);
  writeFileSync(file, out);
  const { code, out: found, err: problem } = await weir('validate', file, '--table', table);
  expect([problem, code === 0 ? '' : found + err]).toEqual(['', '']);
});

describe('weir profile', () => {
  test('reads the rows that --where chooses, and names the suite', async () => {
    const { suite } = await drafted('shop.sales', '--where', "currency = 'EUR' -- only", '--name', 'euros');
    expect(suite.name).toBe('euros');
    expect(about(suite, 'expect_column_values_to_be_in_set', 'currency')).toMatchObject([
      { value_set: ['EUR'] },
    ]);
  });

  test('knows what a model marks personal', async () => {
    const { err } = await drafted('silver.stg_transactions');
    expect(err).toContain('no values told: customer_id is personal');
  });

  test('writes over nothing unless told to', async () => {
    const file = path.join(folder, 'kept.json');
    writeFileSync(file, 'mine');
    const refused = await weir('profile', 'shop.one', '--out', file);
    expect([refused.code, refused.out]).toEqual([3, '']);
    expect(refused.err).toContain('--force');
    expect(readFileSync(file, 'utf8')).toBe('mine');
    const forced = await weir('profile', 'shop.one', '--out', file, '--force');
    expect([forced.code, forced.out]).toEqual([0, '']);
    expect(parseSuite(file, readFileSync(file, 'utf8')).name).toBe('one');
  });

  test('says why it could not run', async () => {
    const absent = await weir('profile', 'shop.nope');
    expect(absent.code).toBe(3);
    expect(absent.err).toContain('there is no relation shop.nope');
    await sql`create table shop.hidden (id integer)`.execute(database.admin);
    const hidden = await weir('profile', 'shop.hidden');
    expect(hidden.code).toBe(3);
    expect(hidden.err).toContain('permission denied');
  });
});
