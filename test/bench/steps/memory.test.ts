import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { pssMegabytes, pssOf, readProcesses, treeOf } from '../../../bench/steps/memory.ts';

test('PSS is read from what the kernel says, in megabytes', () => {
  const rollup = 'Rss:   99999 kB\nPss:                2048 kB\nPss_Anon:           1024 kB\n';
  expect(pssMegabytes(rollup)).toBe(2);
  expect(pssMegabytes('')).toBeNull();
});

test('a tree is a process and everything below it, and nothing beside it', () => {
  const processes = [
    { pid: 2, parent: 1 },
    { pid: 3, parent: 2 },
    { pid: 4, parent: 3 },
    { pid: 5, parent: 1 },
  ];
  expect(treeOf(2, processes)).toEqual([2, 3, 4]);
  expect(treeOf(9, processes)).toEqual([9]);
});

test.skipIf(process.platform !== 'linux')('a child of this process is found, and takes memory', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdout.write("up"); setInterval(() => {}, 1000)']);
  await once(child.stdout, 'data');
  const tree = treeOf(process.pid, readProcesses());
  expect(tree).toContain(child.pid);
  expect(pssOf([child.pid ?? 0])).toBeGreaterThan(1);
  const ended = once(child, 'exit');
  child.kill();
  await ended;
  expect(pssOf([child.pid ?? 0])).toBe(0);
});
