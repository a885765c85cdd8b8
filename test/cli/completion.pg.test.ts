import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../setup/database.ts';
import { say } from './say.ts';

const VERDICT = 'b54ab6a4-1cbe-4c5a-8a5e-7ad0ad4ba3a1';

let database: FreshDatabase;
let folder: string;
beforeAll(async () => {
  database = await freshDatabase();
  await database.admin
    .insertInto('control.lease')
    .values({ model: 'stg_transactions', workflow_id: 'w', run_id: 'r', state: 'held', verdict_id: VERDICT })
    .execute();
  folder = mkdtempSync(path.join(tmpdir(), 'weir-completion-'));
  for (const shell of ['bash', 'zsh']) {
    const { out } = await say(['completion', shell], {});
    writeFileSync(path.join(folder, shell), out);
  }
}, 120_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
});

/** What a shell offers at the end of a command line, asked of a real one with the script sourced. */
const shells = {
  bash: (words: readonly string[]) =>
    run(
      'bash',
      ['--norc', '--noprofile', '-c'],
      [
        `source ${path.join(folder, 'bash')}`,
        `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`,
        '_weir; printf "%s\\n" "${COMPREPLY[@]}"',
      ],
    ),
  // What zsh would insert is printed: compadd itself works only while somebody types.
  zsh: (words: readonly string[]) =>
    run(
      'zsh',
      ['-f', '-c'],
      [
        'autoload -U compinit; compinit -u -D',
        `source ${path.join(folder, 'zsh')}`,
        'compadd() { shift; print -l -- ${(M)@:#${words[CURRENT]}*} }',
        `words=(${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length}`,
        '_weir',
      ],
    ),
} as const;

function run(shell: string, flags: readonly string[], script: readonly string[]): readonly string[] {
  const said = execFileSync(shell, [...flags, script.join('\n')], {
    encoding: 'utf8',
    env: { ...process.env, DATABASE_URL: database.adminUrl },
  });
  return said.split('\n').filter((line) => line !== '');
}

const isThere = (shell: string): boolean => spawnSync(shell, ['-c', ':']).error === undefined;

// A machine without zsh has nobody who would complete there.
describe.each(['bash', 'zsh'] as const)('%s', (shell) => {
  const unlessMissing = (skip: (when: boolean, why: string) => void) =>
    skip(!isThere(shell), `there is no ${shell} on this machine`);
  const offers = (...words: string[]) => shells[shell](['weir', ...words]);

  test('has no error in it', ({ skip }) => {
    unlessMissing(skip);
    execFileSync(shell, ['-n', path.join(folder, shell)]);
  });
  test('verbs, and those below them', ({ skip }) => {
    unlessMissing(skip);
    expect(offers('')).toEqual(expect.arrayContaining(['status', 'gate', 'doctor', 'completion']));
    expect(offers('sta')).toEqual(['status']);
    expect(offers('gate', 'r')).toEqual(['rows', 'retry', 'reload']);
    expect(offers('runs', '')).toEqual(['show']);
  });
  test('flags, of the verb alone', ({ skip }) => {
    unlessMissing(skip);
    expect(offers('runs', '--s')).toEqual(['--state', '--since']);
    expect(offers('gate', 'list', '--')).toEqual(['--help', '--json']);
    expect(offers('validate', '--no')).toEqual(['--no-proofs']);
  });
  test('values that are known', ({ skip }) => {
    unlessMissing(skip);
    expect(offers('runs', '--state', 'fa')).toEqual(['failed']);
    expect(offers('status', '--json', '--pipeline', '')).toEqual(['minute', 'hourly', 'daily']);
    expect(offers('run', 'h')).toEqual(['hourly']);
    expect(offers('run', 'hourly', '')).toEqual([]);
    expect(offers('gate', 'retry', VERDICT, '--reason', '')).toEqual([]);
  });
  test(
    'names of models, suites and schedules, and verdicts that are held',
    { timeout: 120_000 },
    ({ skip }) => {
      unlessMissing(skip);
      expect(offers('test', 'stg_')).toEqual(['stg_inventory', 'stg_pos_events', 'stg_transactions']);
      expect(offers('lineage', 'gold.fct')).toEqual(['gold.fct_daily_sales']);
      expect(offers('reconcile', 'raw_st')).toEqual(['raw_stores']);
      expect(offers('validate', 'stg_po')).toEqual(['stg_pos_events']);
      expect(offers('schedules', 'trigger', 'house')).toEqual(['housekeeping']);
      expect(offers('gate', 'retry', '')).toEqual([VERDICT]);
    },
  );
});

test('what a script asks for comes without a database too, and says nothing of its own', async () => {
  const nowhere = { DATABASE_URL: 'postgres://admin:s3cr3t@localhost:1/weir' };
  expect(await say(['completion', '--words', 'verdicts'], nowhere)).toEqual({ code: 0, out: '', err: '' });
  expect(await say(['completion', 'fish'], nowhere)).toMatchObject({
    code: 3,
    err: expect.stringContaining('weir completion needs a shell, bash or zsh; there is none for fish'),
  });
});
