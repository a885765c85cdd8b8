import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

/** Where Chromium is, or why the tests that need it are skipped. */
export type Chromium = { readonly path: string } | { readonly missing: string };

/** Where to look and how to fetch. Every field is for tests but `onProgress`. */
export interface FindChromiumOptions {
  readonly onProgress: (line: string) => void;
  readonly environment?: NodeJS.ProcessEnv;
  /** Tries to install it. Null when it did; else why not. */
  readonly install?: (onProgress: (line: string) => void) => Promise<string | null>;
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const USUAL_PLACES = ['/usr/bin/chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/** As `CHROMIUM_PATH`: do without, and skip what needs it. */
export const NO_CHROMIUM = 'none';

/**
 * The Chromium that the browser tests drive: `CHROMIUM_PATH`, or one on PATH, or, for root on Debian and its kin, the
 * `chromium` package, installed once.
 */
export async function findChromium({
  onProgress,
  environment = process.env,
  install = installWithApt,
}: FindChromiumOptions): Promise<Chromium> {
  const named = environment['CHROMIUM_PATH'] ?? '';
  if (named === NO_CHROMIUM) return { missing: `CHROMIUM_PATH is ${NO_CHROMIUM}` };
  if (named !== '') {
    return isProgram(named)
      ? { path: named }
      : { missing: `CHROMIUM_PATH names ${named}, which is no program` };
  }
  const found = lookFor(environment);
  if (found !== null) return { path: found };
  const problem = await install(onProgress);
  const installed = lookFor(environment);
  if (installed !== null) return { path: installed };
  return {
    missing: `no Chromium was found (${problem ?? 'its package brought no program'}); install the package chromium, or name one in CHROMIUM_PATH`,
  };
}

function lookFor(environment: NodeJS.ProcessEnv): string | null {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((part) => part !== '');
  const onPath = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...onPath, ...(environment === process.env ? USUAL_PLACES : [])].find(isProgram) ?? null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Its packages are about 100 MB to fetch: long enough for a slow line, short enough for a closed one. */
const INSTALL_TIMEOUT_MS = 5 * 60_000;

const APT = 'apt-get install -qq -y --no-install-recommends chromium';

async function installWithApt(onProgress: (line: string) => void): Promise<string | null> {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return 'nothing here installs it';
  if (process.getuid?.() !== 0) return 'only root may install it';
  onProgress('Installing Chromium, for the browser tests (at most five minutes)');
  // The lists of packages may never have been fetched: a bare image has none.
  const child = spawn('sh', ['-c', `${APT} || { apt-get update -qq && ${APT}; }`], {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
      resolve('apt-get took more than five minutes');
    }, INSTALL_TIMEOUT_MS);
    const end = (answer: string | null): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    child.once('error', (error) => end(`apt-get could not be run: ${error.message}`));
    child.once('exit', (code) => end(code === 0 ? null : `apt-get ended with ${code}`));
  });
}

/** As headless in a container as on a desk: without a sandbox, a GPU or calls home. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts it. It ends with this process. */
export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}
