import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const bench = resolve(import.meta.dirname, '..', '..', 'bench', 'gates.ts');

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'weir-bench-'));
  await chmod(home, 0o755);
  await mkdir(join(home, 'no-python'));
  // Root starts Postgres as another user, and asks who that is.
  await symlink('/usr/bin/id', join(home, 'no-python', 'id'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, PATH: join(home, 'no-python') };
  return new Promise((accept) => {
    execFile(process.execPath, [bench, '--home', home, ...args], { env }, (error, stdout, stderr) =>
      accept({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test('without Python it measures the rest, prints nothing but JSON, says what is missing and exits with 3', async () => {
  const { code, stdout, stderr } = await run([
    '--json',
    '--rows',
    '100k',
    '--rounds',
    '1',
    '--only',
    'weir,hand,gx',
  ]);
  expect(stderr).toMatch(/not measured: Great Expectations: Python/);
  expect(code).toBe(3);
  const rows: unknown = JSON.parse(stdout);
  const hundred = '100k, no index: Weir / hand-written';
  expect(rows).toContainEqual(
    expect.objectContaining({ name: hundred, value: expect.any(Number), unit: 'ratio', aim: null }),
  );
  expect(rows).toContainEqual(
    expect.objectContaining({ name: '10M, no index: Weir / Soda Core', value: null, aim: 1 }),
  );
}, 180_000);
