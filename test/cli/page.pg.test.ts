import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startStandIn, type StandIn } from '../../infra/pagerduty/stand-in.ts';
import { incidentsOf, startTestService, type TestService } from '../activities/notifiers/test-service.ts';
import { requestStandIn, type IncidentJson } from '../infra/pagerduty/request.ts';
import { freshDatabase, type FreshDatabase } from '../setup/database.ts';
import { sayHere } from './say-here.ts';

const KEY = 'k3y-that-must-never-be-seen-5ea7';
const SECRET_PATH = 'p4th-that-must-never-be-seen';

let database: FreshDatabase;
let standIn: StandIn;
let desk: TestService;
let folder: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  [database, standIn, desk] = await Promise.all([
    freshDatabase(),
    startStandIn(),
    startTestService({
      taken: '',
      refusal: '{}',
      path: SECRET_PATH,
      read: (body) => {
        const { action, dedupKey: key }: { action: string; dedupKey: string } = JSON.parse(body);
        return { action, key };
      },
    }),
  ]);
  folder = mkdtempSync(path.join(tmpdir(), 'weir-page-'));
  writeFileSync(path.join(folder, 'ca.pem'), standIn.ca);
  writeFileSync(path.join(folder, 'desk-url'), desk.url);
  writeFileSync(
    path.join(folder, 'notify.yaml'),
    `receivers:
  on-call: { type: pagerduty, key: { env: PAGERDUTY_ROUTING_KEY } }
  desk: { type: webhook, url: { file: desk-url }, key: { env: DESK_KEY } }
  lines: { type: log }
routes:
  - to: [on-call, desk, lines]
`,
  );
  env = {
    DATABASE_URL: database.adminUrl,
    WEIR_ENVIRONMENT: 'test',
    WEIR_NOTIFY_FILE: path.join(folder, 'notify.yaml'),
    WEIR_PAGERDUTY_SERVER: standIn.server,
    WEIR_PAGERDUTY_CA_FILE: path.join(folder, 'ca.pem'),
    PAGERDUTY_ROUTING_KEY: KEY,
    DESK_KEY: Buffer.from('0123456789-0123456789-0123456789').toString('base64'),
  };
}, 120_000);
afterEach(() => desk.plan(null));
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await Promise.all([standIn.stop(), desk.stop(), database.drop()]);
});

async function page(...args: string[]) {
  const said = await sayHere(['page', ...args], env);
  for (const secret of [KEY, SECRET_PATH]) expect(`${said.out}${said.err}`).not.toContain(secret);
  return said;
}

test('a harmless page opens and closes everywhere, and wakes nobody', async () => {
  const said = await page('test');
  expect(said).toMatchObject({
    code: 0,
    out: 'on-call (pagerduty): trigger 202, resolve 202\ndesk (webhook): trigger 200, resolve 200\nlines (log): trigger 200, resolve 200\n',
  });
  expect(said.err).toMatch(/^page trigger: Test page of Weir \(test\)/);
  const { body } = await requestStandIn<{ incidents: IncidentJson[] }>(standIn, 'GET', '/api/incidents');
  expect(body.incidents).toMatchObject([
    { status: 'resolved', severity: 'info', dedup_key: expect.stringMatching(/^weir\/test\/page-test\//) },
  ]);
  expect(incidentsOf(desk.taken, desk.taken[0]?.key ?? '')).toEqual([{ status: 'resolved', entries: 2 }]);
});

test('what is not taken is told with its answer, and ends with 3', async () => {
  desk.plan({ mode: '500', status: 403 });
  const said = await page('test', '--to', 'desk', '--json');
  expect(said.code).toBe(3);
  expect(JSON.parse(said.out)).toMatchObject([
    {
      receiver: 'desk',
      taken: false,
      problem: null,
      answers: [
        { action: 'trigger', status: 403, taken: false, reason: expect.stringContaining('look at the key') },
        { action: 'resolve', status: 403 },
      ],
    },
  ]);
});

test('a receiver that cannot be asked keeps no other from being asked', async () => {
  env = { ...env, DESK_KEY: '' };
  const said = await page('test');
  expect(said.code).toBe(3);
  expect(said.out).toMatch(/^on-call \(pagerduty\): trigger 202, resolve 202$/m);
  expect(said.out).toMatch(/^desk \(webhook\): NOT ASKED: .*notify\.yaml:3: the key of desk is missing/m);
  expect(await page('test', '--to', 'dsk')).toMatchObject({
    code: 3,
    err: 'weir: there is no receiver dsk. Did you mean `desk`?\n',
  });
});

test('lists what is open and what was not delivered', async () => {
  expect(await page('list')).toMatchObject({
    code: 0,
    out: 'no incident is open\neverything is delivered\n',
  });
  const row = { event_id: 'e', dedup_key: 'weir/test/stg/suite', action: 'trigger' as const, attempts: 4 };
  await database.admin
    .insertInto('control.page_delivery')
    .values([
      { ...row, notifier: 'desk', state: 'failing', status: 503, reason: 'The webhook answered 503.' },
      { ...row, notifier: 'on-call', state: 'undelivered', status: 400, reason: 'PagerDuty refused it.' },
      { ...row, notifier: 'lines', state: 'sent', status: 200, reason: null },
    ])
    .execute();
  const said = await page('list');
  expect(said.code).toBe(2);
  expect(said.out).toMatch(/^2 not delivered:$/m);
  expect(said.out).toMatch(
    / {2}trigger of weir\/test\/stg\/suite to desk: tried 4 times, last \d+ s ago: The webhook/,
  );
  expect(said.out).toMatch(/ {2}trigger of weir\/test\/stg\/suite to on-call: GIVEN UP, last/);
  const { undelivered }: { undelivered: unknown[] } = JSON.parse((await page('list', '--json')).out);
  expect(undelivered).toHaveLength(2);
});
