import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { root } from './run-in.ts';
import { say } from './say.ts';

let database: FreshDatabase;
let folder: string;
let settings: Record<string, string>;
beforeAll(async () => {
  database = await freshDatabase();
  folder = mkdtempSync(path.join(tmpdir(), 'weir-docs-'));
  settings = { DATABASE_URL: database.adminUrl, WEIR_ENVIRONMENT: 'tests' };
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
});

test('weir docs build writes the site of a database in which nothing has happened yet', async () => {
  const site = path.join(folder, 'site');
  const text = await say(['docs', 'build', site], settings);
  expect(text).toMatchObject({ code: 0, err: '' });
  expect(text.out).toMatch(new RegExp(`^\\d+ pages, [\\d.]+ MB, in [\\d.]+ s. Open ${site}/index.html\n$`));
  expect(readFileSync(path.join(site, 'index.html'), 'utf8')).toContain('Weir tests');
  expect(existsSync(path.join(site, 'models', 'fct_daily_sales.html'))).toBe(true);

  const again = await say(['docs', 'build', site, '--json'], settings);
  expect(JSON.parse(again.out)).toEqual({
    folder: site,
    pages: expect.any(Number),
    bytes: expect.any(Number),
    seconds: expect.any(Number),
  });
  // Two whole sites, on a machine that does other things too.
}, 240_000);

test('weir docs build leaves a folder of something else alone', async () => {
  writeFileSync(path.join(folder, 'thesis.txt'), 'years of work');
  const said = await say(['docs', 'build', folder], settings);
  expect(said).toMatchObject({
    code: 3,
    out: '',
    err: expect.stringContaining('name a new or an empty folder'),
  });
  expect(readFileSync(path.join(folder, 'thesis.txt'), 'utf8')).toBe('years of work');
});

test('a database that is not migrated, or not there, is told with what to do', async () => {
  const bare = await freshDatabase({ migrated: false });
  const site = path.join(folder, 'none');
  const [unmigrated, unexported, away] = [
    await say(['docs', 'build', site], { ...settings, DATABASE_URL: bare.adminUrl }),
    await say(['docs', 'export', site], { ...settings, DATABASE_URL: bare.adminUrl }),
    await say(['docs', 'serve', '--port', '0'], { DATABASE_URL: 'postgres://weir:weir@127.0.0.1:1/weir' }),
  ];
  for (const said of [unmigrated, unexported])
    expect(said).toMatchObject({ code: 3, err: expect.stringContaining('weir migrate') });
  expect(existsSync(site)).toBe(false);
  expect(away).toMatchObject({ code: 3, err: expect.stringContaining('nothing answers at 127.0.0.1:1') });
  await bare.drop();
});

test('weir docs serve says where it is, answers there by its names, and ends when it is told to', async () => {
  const served = await serve(['--host', '0.0.0.0', '--behind-proxy'], {
    WEIR_CATALOGUE_URL: 'https://weir.example.com/catalogue',
  });
  const port = new URL(served.url).port;
  expect(await (await fetch(`http://127.0.0.1:${port}/models/`)).text()).toContain('fct_daily_sales');
  expect(await statusFor(port, 'weir.example.com')).toBe(200);
  expect(await statusFor(port, 'evil.example')).toBe(421);
  expect(await served.stop()).toEqual([0, null]);
});

test('weir docs serve listens on this machine alone, and answers to the names it was told', async () => {
  const served = await serve(['--name', 'weir.internal, catalogue.internal'], {
    WEIR_CATALOGUE_URL: 'https://weir.example.com/catalogue',
  });
  expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const port = new URL(served.url).port;
  for (const [host, status] of [
    ['catalogue.internal', 200],
    ['weir.internal:80', 200],
    ['localhost', 200],
    ['weir.example.com', 421],
  ] as const)
    expect([host, await statusFor(port, host)]).toEqual([host, status]);
  expect(await served.stop()).toEqual([0, null]);
});

test('weir docs serve wants to know what keeps others out, and no address for a name', async () => {
  const [open, address] = [
    await say(['docs', 'serve', '--port', '0', '--host', '0.0.0.0'], settings),
    await say(['docs', 'serve', '--port', '0', '--name', 'https://weir.example.com/'], settings),
  ];
  expect(open).toMatchObject({
    code: 3,
    out: '',
    err: expect.stringContaining(
      'on 0.0.0.0 everybody who reaches it could read the catalogue: say --behind-proxy where one asks who they are',
    ),
  });
  expect(address).toMatchObject({
    code: 3,
    err: expect.stringContaining('--name has "https://weir.example.com/": give the name'),
  });
});

async function serve(args: readonly string[], more: Record<string, string>) {
  const child = spawn(
    process.execPath,
    [path.join(root, 'cli', 'weir.ts'), 'docs', 'serve', '--port', '0', ...args],
    { env: { ...process.env, ...settings, ...more }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const [, url = ''] = /^The catalogue: (http:\/\/[\d.]+:\d+)\n$/.exec(String(line)) ?? [];
  return {
    url,
    stop: async (): Promise<readonly unknown[]> => {
      child.kill('SIGTERM');
      return await once(child, 'exit');
    },
  };
}

/** What the front page answers to whoever asks by a name: `fetch` names none but the address's own. */
async function statusFor(port: string, host: string): Promise<number | undefined> {
  const asking = request({ host: '127.0.0.1', port, path: '/', headers: { host } }).end();
  const [response] = await once(asking, 'response');
  if (!(response instanceof IncomingMessage)) throw new Error('no answer');
  response.resume();
  return response.statusCode;
}

test('weir docs serve names the port that is taken, and what is no port', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = String(typeof address === 'object' && address !== null ? address.port : 0);
  const [taken, wrong] = [
    await say(['docs', 'serve', '--port', port], settings),
    await say(['docs', 'serve', '--port', 'http'], settings),
  ];
  expect(taken).toMatchObject({
    code: 3,
    err: expect.stringContaining(`port ${port} of 127.0.0.1 is taken`),
  });
  expect(wrong).toMatchObject({ code: 3, err: expect.stringContaining('--port is "http"') });
  other.close();
});
