import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { root } from '../../tools.ts';

const FILE = path.join(root, 'infra/local/end-process.mjs');

/** How a script ends while V8's workers want more memory than there is: process.exit hangs twenty times in 32. */
async function ends(script: string): Promise<number | string | null> {
  const child = spawn(
    process.execPath,
    ['--stress-concurrent-allocation', '--max-old-space-size=40', '--input-type=module', '--eval', script],
    { stdio: 'ignore', timeout: 30_000, killSignal: 'SIGKILL' },
  );
  return new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
}

const imports = `import { endProcess } from ${JSON.stringify(pathToFileURL(FILE).href)};`;
const work = 'JSON.stringify(Array.from({ length: 1e5 }, (_, i) => ({ i, s: `x${i}` })));';

describe('a process', () => {
  test('ends while V8 compiles beside it', async () => {
    for (let round = 0; round < 4; round++) {
      const group = Array.from({ length: 4 }, () => ends(`${imports} ${work} endProcess(7);`));
      // oxlint-disable-next-line no-await-in-loop -- four at a time are enough for two cores
      expect(await Promise.all(group)).toEqual([7, 7, 7, 7]);
    }
  }, 120_000);

  test('leaves behind what is still open when its patience ends', async () => {
    expect(await ends(`${imports} setInterval(() => {}, 1000); endProcess(5, 50);`)).toBe(5);
  });

  test('is ended nowhere else', () => {
    const files = globSync('{cli,workers,activities,catalogue,infra}/**/*.{ts,mjs}', { cwd: root });
    expect(files).toContain('cli/weir.ts');
    const own = files.filter((file) =>
      /\bprocess\.(exit|reallyExit)\(/.test(readFileSync(root + file, 'utf8')),
    );
    expect(own).toEqual(['infra/local/end-process.mjs']);
  });
});
