import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What to run, and how it is asked to end. */
export interface ServerOrder {
  readonly command: string;
  readonly args: readonly string[];
  /** Standard output and error are appended here. */
  readonly logFile: string;
  /** SIGINT is Postgres' fast shutdown; most others take SIGTERM. */
  readonly stopSignal: 'SIGINT' | 'SIGTERM';
  /** How long it may take to end before it is killed. */
  readonly graceMs: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
}

/** A server that ends with this process, however this process ends. */
export interface SupervisedServer {
  readonly pid: number;
  /** How it ended, or null while it runs. */
  ended(): string | null;
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>;
  /** As a crash would: nothing is flushed or said goodbye to. For tests. */
  stopHard(): Promise<void>;
}

const supervisorFile = fileURLToPath(new URL('./supervisor.ts', import.meta.url));

/**
 * Starts a server under a small supervisor that ends it when this process goes, even by SIGKILL.
 *
 * @throws Error when the command cannot be run.
 */
export async function startSupervised(order: ServerOrder): Promise<SupervisedServer> {
  const supervisor = fork(supervisorFile, [JSON.stringify({ env: {}, ...order })], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  let ended: string | null = null;
  const gone = new Promise<void>((accept) => {
    supervisor.once('exit', () => {
      ended ??= 'with its supervisor';
      accept();
    });
  });
  supervisor.on('message', (news: unknown) => {
    if (hasText(news, 'ended')) ended = news.ended;
  });
  const pid = await firstNews(supervisor, order.command);
  supervisor.unref();
  supervisor.channel?.unref();
  const ask = async (what: 'stop' | 'stopHard'): Promise<void> => {
    supervisor.ref();
    if (supervisor.connected) supervisor.send(what);
    await gone;
  };
  return { pid, ended: () => ended, stop: () => ask('stop'), stopHard: () => ask('stopHard') };
}

function firstNews(supervisor: ChildProcess, command: string): Promise<number> {
  return new Promise((accept, refuse) => {
    supervisor.once('error', refuse);
    supervisor.once('exit', () => refuse(new Error(`${command} ended before it began`)));
    supervisor.once('message', (news: unknown) => {
      if (typeof news === 'object' && news !== null && 'pid' in news && typeof news.pid === 'number')
        accept(news.pid);
      else
        refuse(
          new Error(
            `${command} could not be run: ${hasText(news, 'failed') ? news.failed : 'unknown reason'}`,
          ),
        );
    });
  });
}

function hasText<Key extends string>(value: unknown, key: Key): value is Record<Key, string> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, key) === 'string';
}

/** The last lines of a log file, for an error message. */
export function logTail(file: string, lines = 12): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}
