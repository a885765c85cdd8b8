/**
 * Started as a process of its own by `supervised.ts`: runs one server and ends it when whoever asked for it is gone,
 * even killed with SIGKILL (then the channel between them closes). Ctrl-C in the terminal does not reach it, so the
 * parent decides the order in which its servers stop.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { endProcess } from './end-process.mjs';

interface Order {
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly stopSignal: NodeJS.Signals;
  readonly graceMs: number;
  readonly env: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
}

const order: Order = JSON.parse(process.argv[2] ?? '');
const log = openSync(order.logFile, 'a');
const child = spawn(order.command, order.args, {
  stdio: ['ignore', log, log],
  env: { ...process.env, ...order.env },
  cwd: '/',
  ...(order.uid === undefined ? {} : { uid: order.uid }),
  ...(order.gid === undefined ? {} : { gid: order.gid }),
});
closeSync(log);

function stop(): void {
  child.kill(order.stopSignal);
  setTimeout(() => child.kill('SIGKILL'), order.graceMs).unref();
}

child.on('error', (error) => tell({ failed: error.message }));
child.on('spawn', () => tell({ pid: child.pid }));
child.on('exit', (code, signal) => {
  tell({ ended: code === null ? `by ${signal}` : `with code ${code}` });
  if (process.connected) process.disconnect();
  endProcess(0);
});
process.on('message', (message) => {
  if (message === 'stop') stop();
  else if (message === 'stopHard') child.kill(order.stopSignal === 'SIGINT' ? 'SIGQUIT' : 'SIGKILL');
});
process.on('disconnect', stop);
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const)
  process.on(signal, signal === 'SIGTERM' ? stop : () => {});

// Whoever asked was gone before this could listen for its going.
if (!process.connected) stop();
// Whatever happens to the supervisor, the server does not outlive it.
process.on('uncaughtException', stop);

function tell(news: { pid?: number | undefined; failed?: string; ended?: string }): void {
  // A parent that is just being killed still looks connected; that the news does not arrive is no failure.
  if (process.connected) process.send?.(news, () => {});
}
