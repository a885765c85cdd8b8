import { execFile } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { buildTemporalCli } from './temporal-cli-build.ts';
import { downloadTemporalCli } from './temporal-cli-download.ts';
import type { FetchOrder } from './temporal-cli-download.ts';
import { lock } from './lock.mjs';

/** The release whose dev server (1.29.1) Weir was measured with; the last that `go install` takes. */
export const temporalCliVersion = 'v1.5.1';
const fileName = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

type Way = (order: FetchOrder) => Promise<string>;

/** Where to look and how to say what takes time. Every field is for tests but `onProgress`. */
export interface FindOptions {
  readonly onProgress: (line: string) => void;
  readonly path?: string;
  readonly cacheFolder?: string;
  readonly ways?: readonly Way[];
}

/** `$XDG_CACHE_HOME/weir` or `~/.cache/weir`: outlives the clone, so that the next one starts in seconds. */
function weirCacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'weir');
}

/**
 * The Temporal CLI, which carries the dev server: `temporal` on PATH, a cached copy, Temporal's own download, or built
 * with Go (minutes, once).
 *
 * @returns its path.
 * @throws Error saying how to install it when there is no way.
 */
export async function findTemporalCli(options: FindOptions): Promise<string> {
  const onPath = findOnPath(options.path ?? process.env['PATH'] ?? '');
  if (onPath !== null) return onPath;
  const folder = join(options.cacheFolder ?? weirCacheFolder(), `temporal-${temporalCliVersion}`);
  const cached = join(folder, fileName);
  if (existsSync(cached)) return cached;
  const unlock = await lock(`${folder}.lock`, {
    timeoutMs: 30 * 60_000,
    onWait: (pid) => options.onProgress(`Waiting for process ${pid}, which is fetching the Temporal CLI`),
  });
  if (unlock === null)
    throw new Error(
      `another process has been fetching the Temporal CLI for 30 minutes: end it, and try again`,
    );
  try {
    if (!existsSync(cached))
      await fetchInto(folder, options.ways ?? [downloadTemporalCli, buildTemporalCli], options.onProgress);
    return cached;
  } finally {
    unlock();
  }
}

function findOnPath(path: string): string | null {
  for (const folder of path.split(delimiter).filter((part) => part !== '')) {
    const file = join(folder, fileName);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here.
    }
  }
  return null;
}

async function fetchInto(
  folder: string,
  ways: readonly Way[],
  onProgress: (line: string) => void,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const aside = mkdtempSync(`${folder}.new-`);
  const reasons: string[] = [];
  try {
    for (const way of ways) {
      try {
        const file = await way({ folder: aside, fileName, version: temporalCliVersion, onProgress });
        chmodSync(file, 0o755);
        await promisify(execFile)(file, ['--version']);
        renameSync(file, join(folder, fileName));
        return;
      } catch (error) {
        reasons.push(error instanceof Error ? error.message : String(error));
      }
    }
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  throw new Error(
    `The Temporal CLI could not be had:\n${reasons.map((reason) => `  - ${reason}`).join('\n')}\n` +
      'What to do, one of:\n' +
      '  - install it (https://docs.temporal.io/cli#install) so that `temporal` is on PATH\n' +
      '  - install Go (https://go.dev/dl) and run the command again: it is then built, in about 8 minutes\n' +
      '  - set TEMPORAL_ADDRESS to a Temporal server that runs',
  );
}
