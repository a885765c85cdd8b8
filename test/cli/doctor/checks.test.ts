import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Surroundings } from '../../../cli/doctor/check.ts';
import { judgeClock } from '../../../cli/doctor/clock.ts';
import { runCheck } from '../../../cli/doctor/examine.ts';
import { files } from '../../../cli/doctor/files.ts';
import { landing } from '../../../cli/doctor/landing.ts';
import { nodeFinding } from '../../../cli/doctor/node.ts';
import { keyFindings } from '../../../cli/doctor/pager.ts';
import { payloadKeys } from '../../../cli/doctor/payload-keys.ts';
import { settingFindings } from '../../../cli/doctor/postgres-settings.ts';
import { settings, settingsRead } from '../../../cli/doctor/settings.ts';
import { retention } from '../../../cli/doctor/temporal.ts';
import { doctorText } from '../../../cli/doctor/text.ts';
import { readRepository } from '../../../activities/repository.ts';
import { folders } from '../../activities/shop.ts';

const PROJECT = path.resolve(import.meta.dirname, '..', '..', '..');
const KEY = 'k'.repeat(32);
const GOOD = {
  DATABASE_URL: 'postgres://admin:s3cr3t@db/weir',
  WEIR_LANDING_FOLDER: '/landing',
  PAGERDUTY_ROUTING_KEY: KEY,
};

let repository: Surroundings['repository'];
let folder: string;
beforeAll(async () => {
  repository = await readRepository(folders);
  folder = mkdtempSync(path.join(tmpdir(), 'weir-doctor-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function surroundings(more: Partial<Surroundings>): Surroundings {
  return {
    env: {},
    databaseUrl: null,
    database: null,
    temporal: null,
    taskQueue: 'weir',
    repository,
    refusals: [],
    ...more,
  };
}

test.each([
  ['24.1.0', 'ok'],
  ['22.18.0', 'warning'],
  ['22.17.0', 'broken'],
  ['20.19.0', 'broken'],
])('Node %s is %s', (version, level) => {
  expect(nodeFinding(version).level).toBe(level);
});

describe('settings', () => {
  const look = async (env: NodeJS.ProcessEnv) =>
    (await settings.run(surroundings({ env }))).filter(({ level }) => level !== 'ok');

  test('all well formed', async () => {
    expect(await look({ ...GOOD, WEIR_SOURCE_CRM_URL: 'postgres://crm@db/crm' })).toEqual([]);
  });
  test.each([
    [{ DATABASE_URL: undefined }, 'broken', /DATABASE_URL is not set/],
    [{ DATABASE_URL: 'mysql://x:s3cr3t@db' }, 'broken', /DATABASE_URL is not the URL of a Postgres/],
    [{ DATABASE_URL: 'postgres://admin@db/weir' }, 'broken', /has no password/],
    [{ WEIR_LANDING_FOLDER: undefined }, 'warning', /WEIR_LANDING_FOLDER is not set/],
    [{ PAGERDUTY_ROUTING_KEY: '' }, 'warning', /PAGERDUTY_ROUTING_KEY is not set/],
    [{ WEIR_TASK_QUEU: 'x' }, 'warning', /WEIR_TASK_QUEU is no setting/],
    [{ WEIR_SOURCE_CRM_URL: 'http://s3cr3t' }, 'broken', /WEIR_SOURCE_CRM_URL is not the URL/],
    [{ TEMPORAL_UI_URL: 'temporal:8233' }, 'broken', /TEMPORAL_UI_URL is no address/],
  ])('%o', async (change, level, found) => {
    const [finding, ...more] = await look({ ...GOOD, ...change });
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ level, found: expect.stringMatching(found) });
    expect(finding?.mend).toBeTruthy();
    expect(JSON.stringify(finding)).not.toContain('s3cr3t');
  });
  test('knows every setting that is read anywhere', () => {
    const read = globSync('{cli,workers,infra}/**/*.ts', { cwd: PROJECT }).flatMap((file) =>
      [...readFileSync(path.join(PROJECT, file), 'utf8').matchAll(/'(WEIR_[A-Z_]+)'/g)].map(
        ([, name]) => name,
      ),
    );
    expect(read).toContain('WEIR_LANDING_FOLDER');
    expect(Object.keys(settingsRead)).toEqual(expect.arrayContaining(read));
  });
});

describe('postgres settings', () => {
  const usual: Readonly<Record<string, string>> = {
    max_connections: '200',
    superuser_reserved_connections: '3',
    reserved_connections: '0',
    max_locks_per_transaction: '256',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    statement_timeout: '0',
    transaction_timeout: '0',
    idle_in_transaction_session_timeout: '0',
    default_transaction_isolation: 'read committed',
    default_transaction_read_only: 'off',
    autovacuum: 'on',
  };
  const look = (change: Readonly<Record<string, string>>) =>
    settingFindings((name) => ({ ...usual, ...change })[name] ?? '', repository);

  test('usual ones are well', () => expect(look({})).toEqual([]));
  test.each([
    ['max_connections', '30', 'broken'],
    ['max_connections', '70', 'warning'],
    ['max_locks_per_transaction', '64', 'warning'],
    ['fsync', 'off', 'broken'],
    ['full_page_writes', 'off', 'broken'],
    ['synchronous_commit', 'off', 'warning'],
    ['statement_timeout', '60000', 'warning'],
    ['default_transaction_isolation', 'serializable', 'warning'],
    ['default_transaction_read_only', 'on', 'broken'],
    ['autovacuum', 'off', 'warning'],
  ])('%s = %s is %s', (name, value, level) => {
    expect(look({ [name]: value })).toMatchObject([{ level, found: expect.stringContaining(`${name} is`) }]);
  });
});

test('a namespace that forgets its runs soon', () => {
  expect(retention('default', 30)).toEqual([]);
  expect(retention('default', 3)).toMatchObject([
    { level: 'warning', found: expect.stringContaining('keeps runs for 3 days') },
  ]);
});

test.each([
  [1000, 1500, 2000, 'ok'],
  [1000, 3500, 2000, 'ok'],
  [1000, 4100, 2000, 'warning'],
  [10_000, 7000, 11_000, 'warning'],
])('asked at %i, theirs %i, answered at %i: %s', (before, theirs, after, level) => {
  expect(judgeClock({ whose: 'Postgres', before, theirs, after }).level).toBe(level);
});

test.each([
  [KEY, 0],
  ['short', 1],
  [`${'k'.repeat(31)}-`, 1],
])('a key %s', (key, problems) => {
  expect(keyFindings(key)).toHaveLength(problems);
  expect(JSON.stringify(keyFindings(key))).not.toContain(key);
});

test('a landing folder that is not there, is a file, lacks a source’s folder, or is well', async () => {
  const look = (where: string) =>
    landing.run(surroundings({ env: { WEIR_LANDING_FOLDER: path.join(folder, where) } }));
  expect(await look('nowhere')).toMatchObject([
    { level: 'broken', found: expect.stringContaining('is not there') },
  ]);
  writeFileSync(path.join(folder, 'file'), '');
  expect(await look('file')).toMatchObject([
    { level: 'broken', found: expect.stringContaining('is no folder') },
  ]);
  mkdirSync(path.join(folder, 'landing', 'transactions'), { recursive: true });
  const found = await look('landing');
  expect(found.length).toBeGreaterThan(0);
  expect(found).toContainEqual(
    expect.objectContaining({
      level: 'warning',
      found: expect.stringContaining('pos_events is not there yet'),
    }),
  );
  for (const { found: said } of found)
    mkdirSync(path.join(folder, 'landing', said.split(' ')[0] ?? ''), { recursive: true });
  expect(await look('landing')).toMatchObject([{ level: 'ok' }]);
});

test('files that cannot be used, each line by itself', async () => {
  expect(
    await files.run(surroundings({ repository: null, refusals: ['a.sql:1: x', 'b.sql:2: y'] })),
  ).toMatchObject([
    { level: 'broken', found: 'a.sql:1: x' },
    { level: 'broken', found: 'b.sql:2: y' },
  ]);
  expect(await files.run(surroundings({}))).toMatchObject([{ level: 'ok' }]);
});

test('a check that breaks is a finding', async () => {
  const breaks = {
    name: 'x',
    run: () => {
      throw new Error('went wrong');
    },
  };
  expect(await runCheck(breaks, surroundings({}))).toMatchObject({
    check: 'x',
    findings: [{ level: 'broken', found: 'could not be looked at: went wrong' }],
  });
});

test('what was found, with its mend below it', () => {
  const text = doctorText([
    { check: 'node', findings: [{ level: 'ok', found: 'Node 24', mend: null }] },
    { check: 'postgres', findings: [{ level: 'broken', found: 'nothing answers', mend: 'start it' }] },
  ]);
  expect(text).toBe(
    '✓ node      Node 24\n✗ postgres  nothing answers\n            → start it\n\n1 broken, 0 to look at\n',
  );
});

test('payload keys: none, some, and one that cannot be used, which is not shown', async () => {
  const look = (WEIR_PAYLOAD_KEYS: string) => payloadKeys.run(surroundings({ env: { WEIR_PAYLOAD_KEYS } }));
  const key = Buffer.alloc(32, 7).toString('base64');
  expect(await look('')).toMatchObject([{ level: 'ok', found: 'payloads are not encrypted: no key is set' }]);
  expect(await look(`b:${key},a:${key}`)).toMatchObject([
    { level: 'ok', found: 'payloads are encrypted with b; b, a can be read' },
  ]);
  const [refused] = await look(`b:${key}x`);
  expect(refused).toMatchObject({ level: 'broken', found: expect.stringContaining('the key of b') });
  expect(JSON.stringify(refused)).not.toContain(key.slice(0, 12));
});
