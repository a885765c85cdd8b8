import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const bench = resolve(import.meta.dirname, '..', '..', 'bench', 'steps.ts');

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'weir-bench-'));
  await chmod(home, 0o755);
  await mkdir(join(home, 'bare'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ended> {
  return new Promise((accept) => {
    execFile(process.execPath, [bench, '--home', home, ...args], { env }, (error, stdout, stderr) =>
      accept({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test('without Python it says which peers are missing, prints nothing but JSON and exits with 3', async () => {
  const env = { ...process.env, PATH: join(home, 'bare') };
  const { code, stdout, stderr } = await run(['--json', '--only', 'airflow,dagster,prefect'], env);
  for (const name of ['Airflow', 'Dagster', 'Prefect'])
    expect(stderr).toContain(`not measured: ${name}: Python 3.11 to 3.13 is needed`);
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toHaveLength(5);
});

test('runs of ten steps are measured, alone and twenty at once', async () => {
  const { code, stdout, stderr } = await run(['--json', '--only', 'runs', '--rounds', '1']);
  expect(stderr).not.toContain('not measured');
  expect(code).toBe(0);
  const rows: unknown = JSON.parse(stdout);
  for (const name of ['a run of ten steps', '20 runs of ten steps at once'])
    expect(rows).toContainEqual(expect.objectContaining({ name, value: expect.any(Number), unit: 's' }));
  expect(rows).toContainEqual(expect.objectContaining({ name: 'ready when installed', value: null, aim: 8 }));
}, 300_000);

test('a part that does not exist is named, with those that do', async () => {
  const { code, stderr } = await run(['--only', 'loads']);
  expect(stderr).toMatch(/--only loads: expected some of ready, runs, backfill/);
  expect(code).toBe(3);
});
