import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const bench = resolve(import.meta.dirname, '..', '..', 'bench', 'loads.ts');

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'weir-bench-'));
  await chmod(home, 0o755);
  await mkdir(join(home, 'bare'));
  // Root starts Postgres as another user, and asks who that is.
  await symlink('/usr/bin/id', join(home, 'bare', 'id'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where neither Python nor psql is to be found. */
function run(args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, PATH: join(home, 'bare') };
  return new Promise((accept) => {
    execFile(process.execPath, [bench, '--home', home, ...args], { env }, (error, stdout, stderr) =>
      accept({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

const sizes = ['--small', '1k', '--large', '2k', '--hour', '1k', '--peak', '2k'];

test('without Python it measures the rest, prints nothing but JSON, says what is missing and exits with 3', async () => {
  const { code, stdout, stderr } = await run(['--json', ...sizes, '--rounds', '1', '--reading', '1']);
  expect(stderr).toMatch(/not measured: dbt: Python/);
  expect(stderr).toContain('hand-written SQL is sent by pg');
  expect(code).toBe(3);
  const rows: unknown = JSON.parse(stdout);
  const ratio = { unit: 'ratio', value: expect.any(Number), aim: null };
  for (const name of ['2k, stg hour: Weir / hand-written', 'stg hour: Weir at 2k / at 1k'])
    expect(rows).toContainEqual(expect.objectContaining({ name, ...ratio }));
  for (const name of ["a store's inventory", 'a month by region'])
    expect(rows).toContainEqual(
      expect.objectContaining({
        name: `2k, 200 clients beside loads: ${name}, p95`,
        unit: 'ms',
        value: expect.any(Number),
      }),
    );
  expect(rows).toContainEqual(
    expect.objectContaining({ name: '2k, peak hour of 2k: Weir', unit: 's', value: expect.any(Number) }),
  );
  // The issue's own rows are always there.
  for (const [name, aim] of [
    ['10M, stg hour: Weir / hand-written', 1.25],
    ['10M, fct hour: Weir / dbt', 0.6],
    ['10M, peak hour of 2.1M: Weir', 240],
  ])
    expect(rows).toContainEqual(expect.objectContaining({ name, value: null, aim }));
}, 300_000);

test('a part that does not exist is named, with those that do', async () => {
  const { code, stderr } = await run(['--only', 'gates']);
  expect(stderr).toMatch(/--only gates: expected some of hour, dbt, peak, reading/);
  expect(code).toBe(3);
});
