import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** How a tool ended, and what it said unless it spoke to the terminal itself. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/**
 * Runs one of the packages' programs in the repository's folder. Signals are passed on to it.
 *
 * @param show `live`: straight to the terminal; `kept`: in the result.
 */
export function runTool(name: string, args: readonly string[], show: 'live' | 'kept'): Promise<Ended> {
  const file = join(root, 'node_modules', '.bin', name);
  const child = spawn(file, args, {
    cwd: root,
    stdio: show === 'live' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(show === 'kept' && process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
  const signals = ['SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, passOn);
  // Ctrl-C reaches the child by itself; this process stays to report.
  const ignore = (): void => {};
  process.on('SIGINT', ignore);
  return new Promise((accept) => {
    const end = (code: number, more = ''): void => {
      for (const signal of signals) process.off(signal, passOn);
      process.off('SIGINT', ignore);
      accept({ code, output: output + more });
    };
    child.once('error', (error) => end(1, `${file} could not be run: ${error.message}\n`));
    child.once('close', (code) => end(code ?? 1));
  });
}
