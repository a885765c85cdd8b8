import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { isAlive } from '../../../infra/local/lock.mjs';
import { startSupervised } from '../../../infra/local/supervised.ts';
import { until } from '../../poll.ts';
import { commandLines } from '../../setup/once.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-supervised-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const usual = { logFile: join(folder, 'log'), stopSignal: 'SIGTERM', graceMs: 500 } as const;

test('a server is stopped, and says how it ended', async () => {
  const server = await startSupervised({ ...usual, command: 'sleep', args: ['600'] });
  expect(server.ended()).toBeNull();
  await server.stop();
  expect(isAlive(server.pid)).toBe(false);
  expect(server.ended()).toBe('by SIGTERM');
});

// `exec` keeps the ignored signal ignored.
test('one that does not listen is killed', async () => {
  const server = await startSupervised({
    ...usual,
    command: 'sh',
    args: ['-c', 'trap "" TERM; exec sleep 600'],
  });
  const sleeps = (): boolean =>
    commandLines().some(({ pid, command }) => pid === server.pid && command.startsWith('sleep'));
  await until(sleeps, { what: 'it does not listen any more' });
  await server.stop();
  expect(isAlive(server.pid)).toBe(false);
  expect(server.ended()).toBe('by SIGKILL');
});

test('a command that is not there is an error', async () => {
  await expect(startSupervised({ ...usual, command: join(folder, 'nothing'), args: [] })).rejects.toThrow(
    /could not be run.*ENOENT/,
  );
});

test('nothing outlives a starter that is killed, however early', async () => {
  const seconds = String(100_000 + process.pid);
  const module = new URL('../../../infra/local/supervised.ts', import.meta.url).href;
  const order = JSON.stringify({ ...usual, command: 'sleep', args: [seconds] });
  const script = `import { startSupervised } from '${module}'; await startSupervised(${order}); setInterval(() => {}, 1000);`;
  await Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      const starter = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' });
      // Not waiting for something: the moment of the kill is what is tried.
      await delay(60 + index * 40);
      starter.kill('SIGKILL');
      await once(starter, 'exit');
    }),
  );
  const running = (): object[] =>
    commandLines().filter(({ command }) => command.includes(seconds) && !command.includes('--eval'));
  await until(() => running().length === 0, { what: 'no server and no supervisor is left' });
});
