import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../tools.ts';

/** Where promtool is, or why what needs it is skipped. */
export type Promtool = { readonly path: string } | { readonly missing: string };

/** Where to look and how to fetch. Every field is for tests. */
export interface FindPromtoolOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** Where one that was fetched is kept. */
  readonly folder?: string;
  /** Tries to put it into the folder. Null when it did; else why not. */
  readonly fetch?: (folder: string) => Promise<string | null>;
}

/** As `PROMTOOL_PATH`: do without, and skip what needs it. */
export const NO_PROMTOOL = 'none';

/**
 * The promtool that tests the alert rules: `PROMTOOL_PATH`, or one on PATH, or one that was fetched before, or, on Debian
 * and its kin, that of the package `prometheus`, unpacked and not installed. `infra/prometheus/README.md` says how else.
 */
export async function findPromtool({
  environment = process.env,
  folder = join(root, '.weir', 'tools'),
  fetch = fetchWithApt,
}: FindPromtoolOptions = {}): Promise<Promtool> {
  const named = environment['PROMTOOL_PATH'] ?? '';
  if (named === NO_PROMTOOL) return { missing: `PROMTOOL_PATH is ${NO_PROMTOOL}` };
  if (named !== '')
    return isProgram(named)
      ? { path: named }
      : { missing: `PROMTOOL_PATH names ${named}, which is no program` };
  const onPath = (environment['PATH'] ?? '').split(delimiter).filter((part) => part !== '');
  const found = [...onPath, folder].map((one) => join(one, 'promtool')).find(isProgram);
  if (found !== undefined) return { path: found };
  const problem = await fetch(folder);
  const fetched = join(folder, 'promtool');
  if (isProgram(fetched)) return { path: fetched };
  return {
    missing: `no promtool was found (${problem ?? 'its package brought none'}); infra/prometheus/README.md says how to get one`,
  };
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** It is 19 MB: long enough for a slow line, short enough for a closed one. */
const FETCH_TIMEOUT_MS = 60_000;

const run = promisify(execFile);

async function fetchWithApt(folder: string): Promise<string | null> {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return 'nothing here fetches it';
  process.stderr.write('Fetching promtool, for the alert rules (19 MB, at most a minute)\n');
  mkdirSync(folder, { recursive: true });
  const unpacked = await mkdtemp(join(folder, 'prometheus-'));
  const options = { cwd: unpacked, timeout: FETCH_TIMEOUT_MS };
  try {
    await run('apt-get', ['download', '-qq', 'prometheus'], options);
    const [file = ''] = readdirSync(unpacked).filter((name) => name.endsWith('.deb'));
    await run('dpkg', ['-x', file, 'x'], options);
    renameSync(join(unpacked, 'x', 'usr', 'bin', 'promtool'), join(folder, 'promtool'));
    return null;
  } catch (error) {
    return `apt-get could not fetch the package prometheus: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}`;
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}
