/** A process that starts Postgres in the folder it is given, says the ids, and stays: for tests that kill it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { startPostgres } from '../../../infra/local/postgres.ts';

const postgres = await startPostgres({
  dataFolder: process.argv[2] ?? '',
  durable: false,
  settings: { shared_buffers: '16MB' },
});
const server = postgres.pid();
const supervisor =
  process.platform === 'linux'
    ? Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${server}/status`, 'utf8'))?.[1])
    : Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(server)], { encoding: 'utf8' }));
process.stdout.write(`${JSON.stringify({ server, supervisor })}\n`);
setInterval(() => {}, 1000);
