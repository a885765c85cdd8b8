import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { FetchOrder } from './temporal-cli-download.ts';

const sayEveryMs = 15_000;

/**
 * Builds the CLI with Go from the public modules.
 *
 * @returns the program's path.
 * @throws Error when Go is missing or the build fails, with the end of what it said.
 */
export async function buildTemporalCli({
  folder,
  fileName,
  version,
  onProgress,
}: FetchOrder): Promise<string> {
  const began = Date.now();
  onProgress(
    `Building the Temporal CLI ${version} with Go: 3 to 10 minutes, once (kept in the cache afterwards)`,
  );
  const child = spawn(
    'go',
    ['install', '-v', '-ldflags=-s -w', `github.com/temporalio/cli/cmd/temporal@${version}`],
    {
      env: { ...process.env, GOBIN: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const end = (): boolean => child.kill('SIGTERM');
  process.once('exit', end);
  let said = '';
  let modules = 0;
  let packages = 0;
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said = (said + chunk).slice(-4000);
    for (const line of chunk.split('\n')) {
      if (line.startsWith('go: downloading')) modules += 1;
      else if (line !== '' && !line.startsWith('go:')) packages += 1;
    }
  });
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - began) / 1000);
    const last = said.trimEnd().split('\n').at(-1) ?? '';
    onProgress(`  ${seconds} s: ${modules} modules fetched, ${packages} packages compiled; now ${last}`);
  }, sayEveryMs);
  try {
    await succeeded(child, () => said);
  } finally {
    clearInterval(timer);
    process.off('exit', end);
  }
  return join(folder, fileName);
}

function succeeded(child: ChildProcess, said: () => string): Promise<void> {
  return new Promise((accept, refuse) => {
    child.once('error', (error) => refuse(new Error(`go install: Go could not be run (${error.message})`)));
    child.once('close', (code) => {
      if (code === 0) accept();
      else
        refuse(
          new Error(`go install ended with ${code}: ${said().trimEnd().split('\n').slice(-5).join(' | ')}`),
        );
    });
  });
}
