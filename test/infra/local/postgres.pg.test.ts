import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isAlive } from '../../../infra/local/lock.mjs';
import { startPostgres } from '../../../infra/local/postgres.ts';
import type { LocalPostgres } from '../../../infra/local/postgres.ts';
import { until } from '../../poll.ts';
import { ownPostgres } from '../../setup/database.ts';
import { runFolder } from '../../setup/once.ts';

let cluster: LocalPostgres;
beforeAll(async () => {
  cluster = await ownPostgres();
});
afterAll(() => cluster.stop());

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

test('is Postgres 18, in the zone and collation asked for', async () => {
  const rows = await query(
    cluster.adminUrl,
    `select current_setting('server_version_num')::int / 10000 as version, current_setting('timezone') as zone,
       datlocprovider::text as provider, datlocale as locale, pg_encoding_to_char(encoding) as encoding
     from pg_database where datname = current_database()`,
  );
  expect(rows).toEqual([
    { version: 18, zone: 'Asia/Kolkata', provider: 'b', locale: 'C.UTF-8', encoding: 'UTF8' },
  ]);
});

test('what was committed survives a crash, at the same address; what was unlogged does not', async () => {
  await query(cluster.adminUrl, 'create table kept as select 1 as x');
  await query(cluster.adminUrl, 'create unlogged table lost as select 1 as x');
  const before = cluster.pid();
  await cluster.stopHard();
  await expect(query(cluster.adminUrl, 'select 1')).rejects.toThrow(/ECONNREFUSED/);
  await cluster.restart();
  expect(cluster.pid()).not.toBe(before);
  expect(await query(cluster.adminUrl, 'select x from kept union all select x from lost')).toEqual([
    { x: 1 },
  ]);
});

test('two processes do not share a folder', async () => {
  const dataFolder = join(runFolder, 'shared');
  const first = await startPostgres({ dataFolder, durable: false });
  const second = await startPostgres({ dataFolder, durable: false, lockTimeoutMs: 200 }).catch(
    (error: Error) => error.message,
  );
  await first.stop();
  expect(second).toMatch(/another process uses .*shared/);
});

interface Child {
  readonly pid: number;
  readonly supervisor: number;
  readonly server: number;
  kill(): void;
}

async function startInChild(dataFolder: string): Promise<Child> {
  const script = fileURLToPath(new URL('./holds-postgres.ts', import.meta.url));
  const child = spawn(process.execPath, [script, dataFolder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const { server, supervisor }: { server: number; supervisor: number } = JSON.parse(line);
  return { pid: child.pid ?? 0, server, supervisor, kill: () => child.kill('SIGKILL') };
}

test('the server ends when the process that started it is killed', async () => {
  const child = await startInChild(join(runFolder, 'orphan'));
  child.kill();
  await until(() => !isAlive(child.server) && !isAlive(child.supervisor), {
    what: 'server and supervisor have ended',
    timeoutMs: 50_000,
  });
});

test('a server that outlived even its supervisor is ended by the next start', async () => {
  const dataFolder = join(runFolder, 'leftover');
  const child = await startInChild(dataFolder);
  process.kill(child.supervisor, 'SIGKILL');
  child.kill();
  await until(() => !isAlive(child.pid) && !isAlive(child.supervisor), {
    what: 'the parents are gone',
    timeoutMs: 50_000,
  });
  expect(isAlive(child.server)).toBe(true);
  const next = await startPostgres({ dataFolder, durable: false });
  expect(isAlive(child.server)).toBe(false);
  expect(await query(next.adminUrl, 'select 1 as x')).toEqual([{ x: 1 }]);
  await next.stop();
});
