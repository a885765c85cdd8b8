import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { DocsSite } from './site.ts';

const WEIR = resolve(import.meta.dirname, '..', '..', 'cli', 'weir.ts');

/** Runs the command line. @throws Error with what it said. */
export async function weir(args: readonly string[], { url, folders }: DocsSite): Promise<void> {
  const child = spawn(process.execPath, [WEIR, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      ...{ DATABASE_URL: url, WEIR_MODELS_FOLDER: folders.modelsFolder },
      WEIR_SUITES_FOLDER: folders.suitesFolder,
    },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-3000)));
  const [code]: unknown[] = await once(child, 'close');
  if (code !== 0) throw new Error(`weir ${args.slice(0, 2).join(' ')} ended with ${String(code)}: ${said}`);
}
