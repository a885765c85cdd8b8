import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../setup/database.ts';
import { root, runIn } from './run-in.ts';
import { sayHere } from './say-here.ts';
import type { Said } from './say.ts';

let database: FreshDatabase;
/** A copy of the files, of a test's own. */
let folder: string;
beforeAll(async () => {
  database = await freshDatabase();
  folder = mkdtempSync(path.join(tmpdir(), 'weir-new-'));
  cpSync(path.join(root, 'models'), path.join(folder, 'models'), { recursive: true });
  cpSync(path.join(root, 'expectations'), path.join(folder, 'expectations'), { recursive: true });
}, 120_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
});

/** In this process: so many of a process each would take minutes. */
function weir(...args: string[]): Promise<Said> {
  return sayHere(args, {
    DATABASE_URL: database.adminUrl,
    WEIR_MODELS_FOLDER: path.join(folder, 'models'),
    WEIR_SUITES_FOLDER: path.join(folder, 'expectations', 'suites'),
  });
}

const done = { code: 0, err: '' };

test(
  'sources of every reader, models of every kind over them: planned, tested, made, checked',
  { timeout: 300_000 },
  async () => {
    const columns = ['--columns', 'return_id:text,amount:numeric(12,2),returned_at:timestamp,till:smallint'];
    for (const reader of [
      'json_lines',
      'csv',
      'table',
      'postgres_hash',
      'postgres_snapshot',
      'postgres_cursor',
    ])
      expect(await weir('new', 'source', `raw_${reader}`, '--reader', reader, ...columns)).toMatchObject(
        done,
      );
    const models = [
      ['stg_lines', '--from', 'raw_json_lines'],
      ['stg_keyed', '--from', 'bronze.raw_csv', '--key', 'return_id'],
      ['dim_returns', '--from', 'raw_table', '--layer', 'gold'],
      ['fct_keyed', '--from', 'stg_keyed', '--owner', 'returns'],
      ['fct_baskets', '--from', 'stg_transactions'],
      ['fct_days', '--from', 'fct_daily_sales', '--kind', 'full_refresh', '--layer', 'gold'],
      ['returns_by_till', '--from', 'fct_keyed'],
    ] as const;
    for (const words of models) expect(await weir('new', 'model', ...words)).toMatchObject(done);
    expect(await weir('new', 'suite', 'returns', '--for', 'raw_csv')).toMatchObject(done);

    const names = models.map(([name]) => name);
    // Nothing of it is refused, by files or by Postgres.
    const planned = await weir('migrate');
    expect(planned).toMatchObject({ ...done, out: 'the database is up to date\n' });
    const plan = await weir('plan', '--select', names.join(' '), '--json');
    const kinds: readonly { readonly name: string; readonly kind: string }[] = JSON.parse(plan.out);
    expect(Object.fromEntries(kinds.map(({ name, kind }) => [name, kind]))).toEqual({
      stg_lines: 'incremental',
      stg_keyed: 'incremental',
      dim_returns: 'full_refresh',
      fct_keyed: 'incremental',
      fct_baskets: 'incremental',
      fct_days: 'full_refresh',
      returns_by_till: 'view',
    });
    const tested = await weir('test', names.join(' '));
    expect(tested.out).not.toContain('FAIL');
    expect(tested).toMatchObject(done);
    expect(await weir('validate', 'stg_keyed', '--table', 'silver.stg_keyed')).toMatchObject({ code: 0 });
    expect(await weir('validate', 'returns', '--table', 'bronze.raw_csv')).toMatchObject({ code: 0 });
    expect((await weir('lineage')).out).not.toContain('return_id');
  },
);

test('what cannot be written is not, and nothing is written over', { timeout: 300_000 }, async () => {
  const file = path.join(folder, 'models', 'silver', 'stg_once.sql');
  expect(await weir('new', 'model', 'stg_once', '--from', 'raw_transactions')).toMatchObject(done);
  const written = readFileSync(file, 'utf8');
  expect(await weir('new', 'suite', 'stg_once', '--for', 'stg_transactions')).toMatchObject({
    code: 3,
    err: expect.stringMatching(/stg_once\.json is there already, and nothing was written/),
  });
  const refusals = [
    [['model', 'stg_once', '--from', 'raw_transactions'], 'has that name already'],
    [['model', 'Stg-x', '--from', 'raw_transactions'], 'is no name'],
    [['model', 'stg_x', '--from', 'raw_transaction'], 'Did you mean `raw_transactions`?'],
    [['model', 'stg_x', '--from', 'raw_transactions', '--key', 'nope'], 'has no column nope'],
    [['model', 'stg_x', '--from', 'raw_stores', '--kind', 'incremental'], 'is read whole'],
    [['model', 'stg_x', '--from', 'stg_pos_events'], 'say with --key'],
    [['model', 'stg_x', '--from', 'raw_transactions', '--layer', 'bronze'], 'there is no layer bronze'],
    [['source', 'raw_x', '--reader', 'xml'], 'there is no reader xml'],
    [['source', 'raw_x', '--columns', 'id:text; drop table x'], 'is not name:type'],
    [['source', 'raw_x', '--schedule', 'weekly'], 'there is no pipeline weekly'],
    [['expectation', 'be_good'], 'is not named as'],
    [['notifier', 'Chat'], 'is no name of a notifier'],
  ] as const;
  for (const [words, why] of refusals)
    expect(await weir('new', ...words)).toMatchObject({ code: 3, err: expect.stringContaining(why) });
  expect(readFileSync(file, 'utf8')).toBe(written);
  expect(existsSync(path.join(folder, 'models', 'silver', 'stg_x.sql'))).toBe(false);
});

describe('an expectation and a notifier', () => {
  /** What they need around them, types and rules of the linter included. */
  let repository: string;
  beforeAll(async () => {
    repository = path.join(folder, 'repository');
    mkdirSync(repository);
    for (const name of [
      'activities',
      'expectations',
      'models',
      'workflows',
      'workers',
      'infra',
      'cli',
      'test',
      'docs',
    ])
      cpSync(path.join(root, name), path.join(repository, name), { recursive: true });
    for (const name of ['package.json', 'tsconfig.json', 'vitest.config.ts', '.oxlintrc.json'])
      cpSync(path.join(root, name), path.join(repository, name));
    symlinkSync(path.join(root, 'node_modules'), path.join(repository, 'node_modules'));
    const into = ['--into', repository];
    await weir('new', 'expectation', 'expect_column_values_to_be_trimmed', ...into);
    await weir('new', 'notifier', 'my-chat', ...into);
  }, 120_000);

  test('are formatted and pass the linter', { timeout: 120_000 }, async () => {
    const files = [
      'expectations/types/expect_column_values_to_be_trimmed.ts',
      'activities/notifiers/my-chat.ts',
      'test/activities/notifiers/my-chat.test.ts',
    ];
    cpSync(path.join(root, '.oxfmtrc.json'), path.join(repository, '.oxfmtrc.json'), { force: true });
    expect(await runIn(repository, 'oxfmt', ['--check', ...files])).toMatchObject({ code: 0 });
    expect(await runIn(repository, 'oxlint', files)).toMatchObject({ code: 0 });
  });

  test('pass the types', { timeout: 300_000 }, async () => {
    const { output } = await runIn(repository, 'tsc', ['--noEmit', '-p', '.']);
    const own = output.split('\n').filter((line) => /to_be_trimmed|my-chat/.test(line));
    expect(own).toEqual([]);
  });

  test('the notifier does what every notifier must', { timeout: 300_000 }, async () => {
    const { code, output } = await runIn(repository, 'vitest', [
      'run',
      'test/activities/notifiers/my-chat.test.ts',
    ]);
    expect({ code, output }).toMatchObject({ code: 0 });
  });

  test(
    'the expectation does what its examples say, once npm run gen has been',
    { timeout: 300_000 },
    async () => {
      expect(await runIn(repository, 'node', ['expectations/generate.ts'])).toMatchObject({ code: 0 });
      const schema = readFileSync(path.join(repository, 'expectations', 'suite.schema.json'), 'utf8');
      expect(schema).toContain('expect_column_values_to_be_trimmed');
      const { code, output } = await runIn(repository, 'vitest', [
        'run',
        'test/expectations',
        '-t',
        'to_be_trimmed',
      ]);
      expect({ code, output }).toMatchObject({ code: 0 });
      expect(output).toMatch(/Tests .*[1-9]\d* passed/);
    },
  );
});
