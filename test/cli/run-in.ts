import { spawn } from 'node:child_process';
import path from 'node:path';

/** The repository's folder. */
export const root = path.resolve(import.meta.dirname, '..', '..');

/** Runs one of the packages' programs in a folder. */
export function runIn(
  folder: string,
  name: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(path.join(root, 'node_modules', '.bin', name), args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A run of tests within one has a folder of its own (test/setup/once.ts).
    env: { ...process.env, NO_COLOR: '1', WEIR_TEST_RUN: undefined },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}
