import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Why a tool cannot be measured, and what to do. The bench goes on without it and exits with 3. */
export class PeerMissing extends Error {
  override readonly name = 'PeerMissing';
}

/** The environment for Python. With PYTHONDONTWRITEBYTECODE every start would compile the tool anew. */
export function pythonEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PYTHONDONTWRITEBYTECODE: _compile, PYTHONPATH: _path, PYTHONHOME: _home, ...rest } = env;
  return rest;
}

const TRIED = ['python3.11', 'python3.12', 'python3.13', 'python3'];

/**
 * Finds a Python that all peers run on.
 *
 * @throws PeerMissing when there is none.
 */
export async function findPython(env: NodeJS.ProcessEnv): Promise<string> {
  const seen: string[] = [];
  for (const command of TRIED) {
    const version = await versionOf(command, env);
    if (version === null) continue;
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major === 3 && minor >= 11 && minor <= 13) return command;
    seen.push(`${command} is ${version}`);
  }
  const found = seen.length === 0 ? 'there is none' : seen.join(', ');
  throw new PeerMissing(
    `Python 3.11 to 3.13 is needed to set up the peers; ${found}. Install it with its venv module (Debian: python3-venv).`,
  );
}

async function versionOf(command: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const script = 'import platform; print(platform.python_version())';
  return promisify(execFile)(command, ['-c', script], { env })
    .then(({ stdout }) => stdout.trim())
    .catch(() => null);
}

/** A tool in an environment of its own. */
export interface PeerEnvironment {
  /** The folder in bench/peers: `requirements.txt` and `peer.py`. */
  readonly source: string;
  /** Where the environment is, or goes. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
}

/**
 * Makes the environment from PyPI unless it is there already, from the same requirements.
 *
 * @returns the environment's own Python.
 * @throws PeerMissing with the end of what pip said.
 */
export async function ensureEnvironment(python: string, peer: PeerEnvironment): Promise<string> {
  const requirements = join(peer.source, 'requirements.txt');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const own = join(peer.folder, 'bin', 'python');
  const stamp = join(peer.folder, 'installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(own)) return own;
  rmSync(peer.folder, { recursive: true, force: true });
  await mkdir(peer.folder, { recursive: true });
  peer.onProgress('making its virtual environment');
  await run(python, ['-m', 'venv', peer.folder], peer);
  peer.onProgress('installing from PyPI, some minutes');
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '-r', requirements];
  await run(own, pip, peer);
  writeFileSync(stamp, wanted);
  return own;
}

/** Passes on what pip is at, a line every five seconds; keeps the end for when it fails. */
async function run(
  command: string,
  args: readonly string[],
  { env, onProgress }: PeerEnvironment,
): Promise<void> {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  let told = performance.now();
  const listen = (chunk: Buffer): void => {
    for (const line of chunk.toString().split('\n').filter(Boolean)) {
      said.push(line);
      if (performance.now() - told < 5000 || !/^(Collecting|Installing)/.test(line)) continue;
      told = performance.now();
      onProgress(line.replace(/ \(from.*$/, '').slice(0, 60));
    }
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const code = await new Promise<number | string>((accept) => {
    child.once('error', (error) => accept(error.message));
    child.once('close', (ended, signal) => accept(ended ?? signal ?? 'unknown'));
  });
  if (code === 0) return;
  throw new PeerMissing(
    `${[command, ...args.slice(0, 3)].join(' ')} … ended with ${code}:\n${said.slice(-6).join('\n')}\n` +
      'It needs PyPI (or what pip is set to) within reach, and the venv module of Python (Debian: python3-venv).',
  );
}
