import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { root } from '../../tools.ts';

const FILE = path.join(root, 'infra/local/end-process.mjs');

interface Ended {
  readonly code: number | null;
  readonly out: string;
}

/**
 * How a script ends in which `process.exit` says that it was called: it can hang for ever, so nothing may come to it.
 *
 * @param begins has what it writes read only when it has said something on stderr.
 */
async function ends(script: string, begins: 'at once' | 'when told' = 'at once'): Promise<Ended> {
  const file = JSON.stringify(pathToFileURL(FILE).href);
  const watched = `import { endProcess } from ${file};
    process.reallyExit = () => console.log('process.exit');
    process.on('beforeExit', () => console.log('its end'));
    process.on('exit', (code) => console.log('exit', code));
    ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', watched], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  if (begins === 'when told') await once(child.stderr, 'data');
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  await closed;
  return { code: child.exitCode, out };
}

describe('a process', { timeout: 60_000 }, () => {
  test('comes to its end by itself, with its code', async () => {
    expect(await ends('endProcess(7);')).toEqual({ code: 7, out: 'its end\nexit 7\n' });
  });

  test('does so once what was open is closed', async () => {
    const script = "setTimeout(() => console.log('closed'), 100); endProcess(7);";
    expect(await ends(script)).toEqual({ code: 7, out: 'closed\nits end\nexit 7\n' });
  });

  test.skipIf(process.platform === 'win32')(
    'leaves behind what is still open when its patience ends',
    async () => {
      const script = 'setInterval(() => {}, 1000); endProcess(5, 50);';
      expect(await ends(script)).toEqual({ code: 5, out: 'exit 5\n' });
    },
  );

  test('loses nothing of a long answer that somebody reads later than its patience lasts', async () => {
    const script = `process.stdout.write('x'.repeat(4e6) + '\\n');
      setInterval(() => {}, 1000);
      setTimeout(() => console.error('read on'), 500);
      endProcess(6, 50);`;
    const { code, out } = await ends(script, 'when told');
    expect([code, out.length, out.slice(-9)]).toEqual([6, 4e6 + 8, 'x\nexit 6\n']);
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
