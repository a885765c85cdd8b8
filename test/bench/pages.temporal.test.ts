import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const bench = resolve(import.meta.dirname, '..', '..', 'bench', 'pages.ts');

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'weir-bench-'));
  await chmod(home, 0o755);
});
afterEach(() => rm(home, { recursive: true, force: true }));

function run(
  args: readonly string[],
): Promise<{ readonly code: number | string; readonly stdout: string; readonly stderr: string }> {
  return new Promise((accept) => {
    execFile(process.execPath, [bench, '--home', home, ...args], (error, stdout, stderr) =>
      accept({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test('gates are held and paged, and files under the real schedule of a minute', async () => {
  const { code, stdout, stderr } = await run(['--json', '--gates', '2', '--files', '2']);
  expect(stderr).not.toContain('not measured');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual([
    expect.objectContaining({ value: expect.any(Number), unit: 's', aim: 2, peers: {} }),
    expect.objectContaining({ value: expect.any(Number), unit: 's', aim: 75, peers: {} }),
  ]);
}, 400_000);

test('a part that does not exist is named, with those that do', async () => {
  const { code, stderr } = await run(['--only', 'loads']);
  expect(stderr).toMatch(/--only loads: expected some of verdicts, minutes/);
  expect(code).toBe(3);
});
