import { spawn } from 'node:child_process';
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

/** How a script ends in which `process.exit` says that it was called: it can hang for ever, so nothing may come to it. */
async function ends(script: string): Promise<Ended> {
  const file = JSON.stringify(pathToFileURL(FILE).href);
  const watched = `import { endProcess } from ${file};
    process.reallyExit = () => console.log('process.exit');
    process.on('beforeExit', () => console.log('its end'));
    process.on('exit', (code) => console.log('exit', code));
    ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', watched], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out })));
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

  test('is ended nowhere else', () => {
    const files = globSync('{cli,workers,activities,catalogue,infra}/**/*.{ts,mjs}', { cwd: root });
    expect(files).toContain('cli/weir.ts');
    const own = files.filter((file) =>
      /\bprocess\.(exit|reallyExit)\(/.test(readFileSync(root + file, 'utf8')),
    );
    expect(own).toEqual(['infra/local/end-process.mjs']);
  });
});
