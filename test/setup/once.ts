import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lockHolder, startedAt } from '../../infra/local/lock.mjs';
import { closedFolder } from '../../infra/local/os-user.ts';
import { until } from '../../infra/local/until.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** For root in a folder that is closed to others: where Postgres' user can still reach it, and all of it in one place. */
const outside = process.getuid?.() === 0 && closedFolder(join(root, 'package.json')) !== null;
const runsFolder = outside ? join(tmpdir(), 'weir-test-root') : join(root, '.weir', 'test');

/** Where this run of vitest keeps its clusters, databases and logs. Gone when the run ends well. */
export const runFolder = join(runsFolder, String(process.env['WEIR_TEST_RUN'] ?? process.pid));

interface Shared {
  users: number;
  readonly running: Promise<{ stop(): Promise<void> }>;
}

/** Each project of vitest loads its global setup by itself; what they share is kept here. */
function sharedServers(): Map<string, Shared> {
  const kept = (globalThis as { weirTestServers?: Map<string, Shared> }).weirTestServers;
  if (kept !== undefined) return kept;
  const servers = new Map<string, Shared>();
  Object.assign(globalThis, { weirTestServers: servers });
  return servers;
}

/**
 * Starts a server for the whole run, once however many projects ask for it.
 *
 * @returns the server, and what ends the use of it: the last user stops it. When the last server has stopped, it is
 *   checked that no process is left that uses the run's folder.
 */
export async function once<Server extends { stop(): Promise<void> }>(
  name: string,
  start: () => Promise<Server>,
): Promise<{ server: Server; release: () => Promise<void> }> {
  const servers = sharedServers();
  if (servers.size === 0) prepareRunFolder();
  const shared = servers.get(name) ?? { users: 0, running: start() };
  servers.set(name, shared);
  shared.users += 1;
  // Whoever asks under one name brings the same start function.
  const server = (await shared.running) as Server;
  const release = async (): Promise<void> => {
    shared.users -= 1;
    if (shared.users > 0) return;
    servers.delete(name);
    await server.stop();
    if (servers.size === 0) await endRun();
  };
  return { server, release };
}

function prepareRunFolder(): void {
  process.env['WEIR_TEST_RUN'] = String(process.pid);
  mkdirSync(runsFolder, { recursive: true });
  for (const name of readdirSync(runsFolder)) {
    const folder = join(runsFolder, name);
    if (lockHolder(join(folder, 'run')) === null && processesUsing(folder).length === 0)
      rmSync(folder, { recursive: true, force: true });
  }
  mkdirSync(runFolder, { recursive: true });
  writeFileSync(
    join(runFolder, 'run'),
    JSON.stringify({ pid: process.pid, started: startedAt(process.pid) }),
  );
}

async function endRun(): Promise<void> {
  await until(() => processesUsing(runFolder).length === 0, {
    timeoutMs: 15_000,
    everyMs: 100,
    what: `no process of the tests is left (${runFolder})`,
  }).catch((error: unknown) => {
    throw new Error(`left over by the tests:\n${processesUsing(runFolder).join('\n')}`, { cause: error });
  });
  rmSync(runFolder, { recursive: true, force: true });
}

/** Command lines of other processes that name the folder. */
function processesUsing(folder: string): string[] {
  return commandLines()
    .filter(({ pid, command }) => pid !== process.pid && `${command} `.includes(`${folder}/`))
    .map(({ pid, command }) => `${pid} ${command.slice(0, 300)}`);
}

/** What runs on this machine; ended processes that nobody has asked about have no command line. */
export function commandLines(): { pid: number; command: string }[] {
  if (existsSync('/proc/self/cmdline'))
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({ pid: Number(name), command: readCommand(name) }));
  const lines = execFileSync('ps', ['-axo', 'pid=,command='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => ({
    pid: Number.parseInt(line, 10),
    command: line.trim().replace(/^\d+\s+/, ''),
  }));
}

function readCommand(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
