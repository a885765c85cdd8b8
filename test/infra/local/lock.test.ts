import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lock, lockHolder, startedAt } from '../../../infra/local/lock.mjs';

const folder = mkdtempSync(join(tmpdir(), 'weir-lock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('is held by one at a time, and given back', async () => {
  const file = join(folder, 'one');
  const unlock = await lock(file, { timeoutMs: 0 });
  expect(lockHolder(file)?.pid).toBe(process.pid);
  expect(await lock(file, { timeoutMs: 0 })).toBeNull();
  unlock?.();
  expect(existsSync(file)).toBe(false);
  expect(await lock(file, { timeoutMs: 0 })).not.toBeNull();
});

test.each([
  ['a dead process', { pid: 2 ** 22 + 1, started: '1' }],
  ['a process that got the id of a dead one', { pid: process.pid, started: 'earlier' }],
])('the lock of %s is stale', async (_what, holder) => {
  const file = join(folder, `stale-${holder.started}`);
  writeFileSync(file, JSON.stringify(holder));
  expect(lockHolder(file)).toBeNull();
  expect(await lock(file, { timeoutMs: 0 })).not.toBeNull();
  expect(lockHolder(file)).toEqual({ pid: process.pid, started: startedAt(process.pid) });
});

test('who waits gets it as soon as it is given back, and hears who has it', async () => {
  const file = join(folder, 'waits');
  const unlock = await lock(file, { timeoutMs: 0 });
  const heard: number[] = [];
  const waiting = lock(file, {
    timeoutMs: 5000,
    onWait: (pid) => {
      heard.push(pid);
      unlock?.();
    },
  });
  expect(await waiting).not.toBeNull();
  expect(heard).toEqual([process.pid]);
});
