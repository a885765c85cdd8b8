import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { BenchDatabase } from './database.ts';
import { median } from './ratios.ts';

const TIMES = 3;

/** Seconds from starting a Node process to being ready to ask a gate; the median of three starts after a first one. */
export async function weirStartUp({
  adminUrl,
  folders,
}: Pick<BenchDatabase, 'adminUrl' | 'folders'>): Promise<number> {
  const script = join(import.meta.dirname, 'start-up.ts');
  const start = (): Promise<number> =>
    startOnce([script, adminUrl, folders.modelsFolder, folders.suitesFolder]);
  await start();
  const took: number[] = [];
  for (let time = 0; time < TIMES; time += 1) took.push(await start());
  return median(took) ?? 0;
}

async function startOnce(args: readonly string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  let readyAt: number | null = null;
  child.stdout.on('data', () => (readyAt ??= performance.now()));
  await ended;
  if (readyAt === null) throw new Error('the gate’s code could not be started on its own');
  return (readyAt - began) / 1000;
}
