import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimNames } from '../../../infra/demo/story-claims.ts';
import { until } from '../../poll.ts';

const MAIN = path.resolve(import.meta.dirname, '..', '..', '..', 'infra', 'demo', 'main.ts');
const LIMIT_MS = 300_000;

let home: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'weir-demo-'));
});
afterAll(async () => {
  await rm(home, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
}

function start(...flags: string[]): { child: ChildProcess; out: () => string; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [MAIN, '--home', home, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, out });
    });
  });
  return { child, out: () => out, ended };
}

/** Processes that were started with this test's folder, or in it. */
async function leftovers(): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(
    pids.map(async (pid) => {
      const [line, environment] = await Promise.all(
        ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
      );
      return `${line} ${environment}`.includes(home) ? `${pid} ${line?.replaceAll('\0', ' ')}` : '';
    }),
  );
  return commands.filter((command) => command !== '');
}

describe('npm run demo', { timeout: LIMIT_MS }, () => {
  it('tells the story, sees each claim fail when it is made false, and leaves no process behind', async () => {
    const { code, out } = await start('--exit', '--falsify-each').ended;
    expect(out).toContain(`${claimNames.length} of ${claimNames.length} claims held`);
    expect(out).toContain(
      `${claimNames.length} of ${claimNames.length} claims noticed that they were made false`,
    );
    expect(code).toBe(0);
    await until(async () => (await leftovers()).length === 0, {
      what: 'every process has ended',
      timeoutMs: 60_000,
    });
  });

  it('told again on the same folder with a claim made false, exits with 1 and names it', async () => {
    const { code, out } = await start('--exit', '--falsify', 'sums-agree-rows').ended;
    expect(out).toContain('did not hold: sums-agree-rows');
    expect(code).toBe(1);
  });

  it('ends every process at Ctrl-C', async () => {
    const demo = start();
    await until(() => demo.out().includes('Two days of baskets land'), {
      what: 'the story has begun',
      timeoutMs: LIMIT_MS,
    });
    demo.child.kill('SIGINT');
    const { code, out } = await demo.ended;
    expect(code, out).toBe(0);
    await until(async () => (await leftovers()).length === 0, {
      what: 'every process has ended',
      timeoutMs: 60_000,
    });
  });

  it('says which flag or claim it does not know', async () => {
    const { code, out } = await start('--falsify', 'nonsense').ended;
    expect(code).toBe(3);
    expect(out).toContain('nonsense');
  });
});
