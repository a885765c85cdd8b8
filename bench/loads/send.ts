import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import pg from 'pg';

/** Sends a script of SQL and says how many seconds it took, connecting included. */
export type SqlSender = (script: string) => Promise<number>;

/** psql where it is installed, else the driver that Weir has. */
export async function findSender(
  url: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly name: string; readonly send: SqlSender }> {
  const version = await promisify(execFile)('psql', ['--version'], { env })
    .then(({ stdout }) => stdout.trim())
    .catch(() => null);
  if (version === null) return { name: 'pg', send: (script) => timed(() => byDriver(url, script)) };
  return { name: version, send: (script) => timed(() => byPsql(url, script, env)) };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function byDriver(connectionString: string, script: string): Promise<void> {
  const client = new pg.Client({ connectionString, options: '-c TimeZone=UTC -c jit=off' });
  await client.connect();
  try {
    await client.query(script);
  } finally {
    await client.end();
  }
}

async function byPsql(url: string, script: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const child = spawn('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', '-'], {
    env: {
      ...env,
      // In the environment rather than among the arguments, where every process sees them.
      ...{ PGHOST: hostname, PGPORT: port, PGUSER: username, PGPASSWORD: decodeURIComponent(password) },
      ...{ PGDATABASE: pathname.slice(1), PGOPTIONS: '-c TimeZone=UTC -c jit=off' },
    },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-2000)));
  child.stdin.on('error', () => undefined); // It has ended: its exit code says so.
  child.stdin.end(script);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`psql ended with ${String(code)}: ${said}`);
}
