import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pssOf, readProcesses, treeOf } from './memory.ts';

/** How long it rests before its memory is looked at. */
const REST_MS = 10_000;

/** One start, and the memory of what it started. */
export interface Started {
  /** From the start of the process until the worker polls: Node, servers, a fresh database migrated, the worker. */
  readonly ready: number;
  /** Megabytes of PSS, without the process that has the pager's stand-in. */
  readonly idle: number;
}

/** Starts Weir in a process of its own, lets it rest, and stops it. */
export async function startOnce(home: string, onProgress: (line: string) => void): Promise<Started> {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'ready.ts'), home],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-2000)));
  await new Promise<void>((accept, refuse) => {
    child.stdout.on('data', () => accept());
    child.once('close', () => refuse(new Error(`Weir did not start: ${said}`)));
  });
  const ready = (performance.now() - began) / 1000;
  await delay(REST_MS);
  const [self, ...below] = treeOf(child.pid ?? 0, readProcesses());
  if (self === undefined || below.length === 0) throw new Error('no process of Weir was found in /proc');
  const idle = pssOf(below);
  onProgress(`ready after ${ready.toFixed(1)} s, ${idle.toFixed(0)} MB in ${below.length} processes`);
  const ended = once(child, 'close');
  child.stdin.end();
  await ended;
  return { ready, idle };
}
