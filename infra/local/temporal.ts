import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { lock, lockHolder, startedAt } from './lock.mjs';
import { ensureSearchAttributes, searchAttributes } from './search-attributes.ts';
import { freePort } from './ports.ts';
import { logTail, startSupervised } from './supervised.ts';
import type { ServerOrder, SupervisedServer } from './supervised.ts';
import { findTemporalCli } from './temporal-cli.ts';
import { until } from './until.ts';

/** How the dev server differs from the usual. */
export interface TemporalOptions {
  /** Keeps histories over restarts; null keeps them in memory, which is quicker. */
  readonly databaseFile: string | null;
  /** Free ones when left out. */
  readonly port?: number;
  readonly uiPort?: number;
  readonly logFile?: string;
  /** The CLI; looked for when left out. */
  readonly executable?: string;
  readonly onProgress?: (line: string) => void;
}

/** A running dev server of our own, namespace `default`. It ends with this process. */
export interface LocalTemporal {
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
  readonly pid: () => number;
  readonly logFile: string;
  stop(): Promise<void>;
  /** Ends as by SIGKILL. For tests. */
  stopHard(): Promise<void>;
  /** Starts again at the same address; with a database file the histories are kept. */
  restart(): Promise<void>;
}

const namespace = 'default';
const retentionDays = 30;

/**
 * Both take away waits of the dev server, not work: without them each step costs 100 ms, with them 17 ms.
 * @see https://docs.temporal.io/references/dynamic-configuration
 */
const dynamicConfig = [
  'history.transferProcessorMaxPollRPS=2000',
  'system.enableActivityEagerExecution=true',
];

/**
 * Starts Temporal's dev server with its UI, namespace retention 30 days and Weir's search attributes.
 *
 * @throws Error when the CLI cannot be had, another living process uses the database file, or the server does not come
 *   up (with the end of its log).
 */
export async function startTemporal(options: TemporalOptions): Promise<LocalTemporal> {
  const executable =
    options.executable ?? (await findTemporalCli({ onProgress: options.onProgress ?? (() => {}) }));
  const unlock = await lockDatabase(options);
  try {
    const { server, ports } = await startSomewhere(options, executable);
    return handle(server, ports, executable, options, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

async function lockDatabase({ databaseFile, onProgress }: TemporalOptions): Promise<() => void> {
  if (databaseFile === null) return () => {};
  mkdirSync(dirname(databaseFile), { recursive: true });
  const unlock = await lock(`${databaseFile}.lock`, {
    timeoutMs: 10_000,
    onWait: (pid) => onProgress?.(`Waiting for process ${pid}, which uses ${databaseFile}`),
  });
  if (unlock === null) throw new Error(`another process uses ${databaseFile}: end it, or name another file`);
  await endLeftover(pidFileOf(databaseFile));
  return unlock;
}

function pidFileOf(databaseFile: string): string {
  return `${databaseFile}.pid`;
}

/** A server that outlived its supervisor still writes the database file. */
async function endLeftover(pidFile: string): Promise<void> {
  const pid = lockHolder(pidFile)?.pid;
  if (pid === undefined) return;
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    process.kill(pid, signal);
    const what = 'the leftover Temporal server has ended';
    if (await until(() => lockHolder(pidFile) === null, { timeoutMs: 10_000, what }).catch(() => false))
      return;
  }
  throw new Error(`a Temporal server left over from an earlier run (process ${pid}) does not end: kill it`);
}

interface Ports {
  readonly port: number;
  readonly uiPort: number;
}

function handle(
  first: SupervisedServer,
  ports: Ports,
  executable: string,
  options: TemporalOptions,
  unlock: () => void,
): LocalTemporal {
  let server = first;
  return {
    address: addressOf(ports),
    uiUrl: `http://127.0.0.1:${ports.uiPort}`,
    namespace,
    pid: () => server.pid,
    logFile: logFileOf(options),
    stop: async () => {
      await server.stop();
      unlock();
      if (options.databaseFile === null && options.logFile === undefined)
        rmSync(logFileOf(options), { force: true });
    },
    stopHard: () => server.stopHard(),
    restart: async () => {
      await server.stop();
      server = await start(executable, options, ports);
    },
  };
}

function addressOf({ port }: Ports): string {
  return `127.0.0.1:${port}`;
}

function logFileOf({ logFile, databaseFile }: TemporalOptions): string {
  return (
    logFile ??
    (databaseFile === null ? join(tmpdir(), `weir-temporal-${process.pid}.log`) : `${databaseFile}.log`)
  );
}

async function startSomewhere(
  options: TemporalOptions,
  executable: string,
): Promise<{ server: SupervisedServer; ports: Ports }> {
  for (let attempt = 1; ; attempt += 1) {
    const ports = { port: options.port ?? (await freePort()), uiPort: options.uiPort ?? (await freePort()) };
    try {
      return { server: await start(executable, options, ports), ports };
    } catch (error) {
      const taken =
        error instanceof Error && /address already in use|can't set frontend port/.test(error.message);
      const fixed = options.port !== undefined && options.uiPort !== undefined;
      if (!taken || fixed || attempt === 3) throw error;
    }
  }
}

async function start(executable: string, options: TemporalOptions, ports: Ports): Promise<SupervisedServer> {
  const order = orderFor(executable, options, ports);
  const server = await startSupervised(order);
  if (options.databaseFile !== null)
    writeFileSync(
      pidFileOf(options.databaseFile),
      JSON.stringify({ pid: server.pid, started: startedAt(server.pid) }),
    );
  try {
    await until(async () => server.ended() !== null || (await ready(addressOf(ports))), {
      timeoutMs: 120_000,
      what: `Temporal answers at ${addressOf(ports)} (log: ${order.logFile})`,
    });
    if (server.ended() !== null)
      throw new Error(
        `Temporal ended ${server.ended()} at its start. Its log, ${order.logFile}, ends with:\n${logTail(order.logFile)}`,
      );
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function orderFor(executable: string, options: TemporalOptions, { port, uiPort }: Ports): ServerOrder {
  const database =
    options.databaseFile === null
      ? []
      : [
          '--db-filename',
          options.databaseFile,
          '--sqlite-pragma',
          'journal_mode=wal',
          '--sqlite-pragma',
          'synchronous=normal',
        ];
  return {
    command: executable,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
      ...['--namespace', namespace, '--log-level', 'error', '--disable-config-file', '--disable-config-env'],
      ...dynamicConfig.flatMap((value) => ['--dynamic-config-value', value]),
      ...Object.entries(searchAttributes).flatMap(([name, type]) => [
        '--search-attribute',
        `${name}=${type}`,
      ]),
      ...database,
    ],
    logFile: logFileOf(options),
    stopSignal: 'SIGTERM',
    graceMs: 10_000,
  };
}

/** The dev server answers before its namespace is there; ready is when retention could be set. */
async function ready(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: 5000 });
  try {
    await connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: msToTs(`${retentionDays} days`) },
    });
    await ensureSearchAttributes(connection, namespace);
    return true;
  } finally {
    await connection.close();
  }
}
