/**
 * Temporal's dev server as it comes: in memory, no setting changed, a worker beside it, ten activities that do nothing.
 * Says its figures as the other peers do, and ends when its standard input does.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { followParent } from '../../../infra/local/follow-parent.ts';
import { freePort } from '../../../infra/local/ports.ts';
import { startSupervised } from '../../../infra/local/supervised.ts';
import { findTemporalCli } from '../../../infra/local/temporal-cli.ts';
import { pssOf, treeOf, readProcesses } from '../memory.ts';
import type { Figure } from '../rows.ts';

const REST_MS = 10_000;
const ROUNDS = 5;
const RUNS_AT_ONCE = 20;
const taskQueue = 'steps';

function say(figure: Figure, value: number): void {
  process.stdout.write(`${JSON.stringify({ figure, value })}\n`);
}

async function connected(address: string): Promise<Connection> {
  for (;;) {
    try {
      const connection = await Connection.connect({ address });
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      return connection;
    } catch {
      await delay(50);
    }
  }
}

async function startWorker(address: string) {
  const script = join(import.meta.dirname, 'worker.ts');
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, address, taskQueue],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error('the worker ended before it was ready'))),
  ]);
  return child;
}

async function main(): Promise<void> {
  followParent();
  process.stdin.on('end', () => process.exit(4)).resume();
  const command = await findTemporalCli({ onProgress: () => {} });
  const [port, uiPort] = [await freePort(), await freePort()];
  const address = `127.0.0.1:${port}`;
  const began = performance.now();
  const server = await startSupervised({
    command,
    args: ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
    logFile: join(tmpdir(), `bare-temporal-${process.pid}.log`),
    stopSignal: 'SIGTERM',
    graceMs: 10_000,
  });
  const connection = await connected(address);
  const worker = await startWorker(address);
  say('ready', (performance.now() - began) / 1000);
  await delay(REST_MS);
  const below = treeOf(worker.pid ?? 0, readProcesses());
  say('idle', pssOf([server.pid, ...below]));
  const client = new Client({ connection });
  let runs = 0;
  const run = async (): Promise<void> => {
    await client.workflow.execute('steps', { taskQueue, workflowId: `steps-${(runs += 1)}` });
  };
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const from = performance.now();
    await work();
    return (performance.now() - from) / 1000;
  };
  await run();
  for (let round = 0; round < ROUNDS; round += 1) say('tenSteps', await timed(run));
  for (let round = 0; round < 3; round += 1)
    say('twentyRuns', await timed(() => Promise.all(Array.from({ length: RUNS_AT_ONCE }, run))));
  worker.kill('SIGTERM');
  await once(worker, 'exit');
  await connection.close();
  await server.stop();
}

await main();
process.exit(0);
