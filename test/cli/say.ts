import { spawn } from 'node:child_process';
import path from 'node:path';

const WEIR = path.resolve(import.meta.dirname, '..', '..', 'cli', 'weir.ts');

/** What `weir` said, and how it ended. */
export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `weir` as a process of its own, without colours, with settings over those of this process. */
export function say(args: readonly string[], settings: NodeJS.ProcessEnv): Promise<Said> {
  const child = spawn(process.execPath, [WEIR, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FORCE_COLOR: undefined, NO_COLOR: '1', ...settings },
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}
