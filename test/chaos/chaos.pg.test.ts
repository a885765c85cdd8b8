import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { brokenNames } from './broken/broken.ts';

const run = promisify(execFile);
const main = join(import.meta.dirname, 'main.ts');

interface Told {
  readonly passed: number;
  readonly failed: number;
  readonly checks: readonly { readonly what: string; readonly problems: readonly string[] }[];
}

/** Runs the test as `npm run chaos:loads` does, for seconds. */
async function chaos(...args: readonly string[]): Promise<{ readonly code: number; readonly told: Told }> {
  const all = ['--minutes', '0.1', '--json', ...args];
  const { stdout, code } = await run(process.execPath, [main, ...all], { maxBuffer: 64 * 1024 * 1024 }).then(
    ({ stdout }) => ({ stdout, code: 0 }),
    (error: { readonly stdout: string; readonly stderr: string; readonly code: number }) => {
      if (error.code === 1) return error;
      throw new Error(`the test could not run (${error.code}): ${error.stderr.slice(-2000)}`);
    },
  );
  return { code, told: JSON.parse(stdout) };
}

/** Some 15 s each on two cores of its own. */
const timeout = 300_000;

describe('loads under everything that can go wrong', () => {
  it('publish what plain SQL computes over everything committed', { timeout }, async () => {
    const { code, told } = await chaos('--seed', '1');
    expect(told.checks.filter(({ problems }) => problems.length > 0)).toEqual([]);
    expect(told.failed).toBe(0);
    expect(code).toBe(0);
  });

  it.each(brokenNames)('and %s is found', { timeout }, async (broken) => {
    const { code, told } = await chaos('--seed', '1', '--broken', broken);
    expect(told.failed).toBeGreaterThan(0);
    expect(code).toBe(1);
  });
});
