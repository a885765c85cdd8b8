import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRepository } from '../../../activities/repository.ts';
import type { Surroundings } from '../../../cli/doctor/check.ts';
import { pager } from '../../../cli/doctor/pager.ts';
import { settings } from '../../../cli/doctor/settings.ts';
import { folders } from '../../activities/shop.ts';

let folder: string;
let around: Omit<Surroundings, 'env'>;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'weir-doctor-'));
  const repository = await readRepository(folders);
  around = { databaseUrl: null, database: null, temporal: null, taskQueue: 'weir', repository, refusals: [] };
});
afterAll(() => rmSync(folder, { recursive: true }));

const RECEIVERS = `receivers:
  on-call: { type: pagerduty, key: { env: PAGERDUTY_OF_ONCALL } }
  desk: { type: webhook, url: { env: DESK_URL }, key: { env: DESK_KEY } }
`;

async function look(routes: string, env: NodeJS.ProcessEnv = {}) {
  const file = path.join(folder, 'notify.yaml');
  writeFileSync(file, `${RECEIVERS}${routes}`);
  // Port 9 is "discard": nobody listens there on a machine of today.
  const found = await pager.run({
    ...around,
    env: { WEIR_NOTIFY_FILE: file, WEIR_PAGERDUTY_SERVER: 'localhost:9', ...env },
  });
  return found.map((one) => ({ ...one, found: one.found.replace(`${folder}/`, '') }));
}

test('a routing file that cannot be used is broken, at its line', async () => {
  expect(await look('routes:\n  - to: nobody\n')).toMatchObject([
    { level: 'broken', found: 'notify.yaml:5: this route tells nobody, which is no receiver' },
  ]);
});

test('secrets that are missing here, receivers that nobody is sent to, owners that nobody is', async () => {
  const found = await look(
    'routes:\n  - owner: finanse\n    model: [stg_*, fct_nothing]\n    to: on-call\n  - to: on-call\n',
    { PAGERDUTY_OF_ONCALL: 'short-s3cr3t' },
  );
  expect(found).toMatchObject([
    { level: 'broken', found: expect.stringMatching(/^notify\.yaml:2: on-call: .* has 12 characters/) },
    { level: 'warning', found: 'notify.yaml:3: the url of desk is missing: DESK_URL is not set' },
    { level: 'warning', found: 'notify.yaml:3: no route tells desk' },
    { level: 'warning', found: 'notify.yaml:5: no model has the owner finanse' },
    { level: 'warning', found: 'notify.yaml:5: no model has the name fct_nothing' },
    { level: 'broken', found: expect.stringMatching(/^localhost:9 cannot be reached/) },
    { level: 'ok', found: expect.stringContaining('weir page test') },
  ]);
  for (const { level, mend } of found) if (level !== 'ok') expect(mend).toBeTruthy();
  expect(JSON.stringify(found)).not.toContain('s3cr3t');
});

test('variables that the routing file names are no misspelt settings', async () => {
  await look('routes:\n  - to: [on-call, desk]\n');
  const env = {
    DATABASE_URL: 'postgres://admin:s3cr3t@db/weir',
    WEIR_LANDING_FOLDER: '/landing',
    WEIR_NOTIFY_FILE: path.join(folder, 'notify.yaml'),
    PAGERDUTY_OF_ONCALL: 'k',
  };
  const told = async (more: NodeJS.ProcessEnv): Promise<readonly string[]> =>
    (await settings.run({ ...around, env: { ...env, ...more } }))
      .filter(({ level }) => level !== 'ok')
      .map(({ found }) => found);
  expect(await told({})).toEqual([]);
  expect(await told({ PAGERDUTY_OF_NOBODY: 'k' })).toEqual([expect.stringContaining('PAGERDUTY_OF_NOBODY')]);
});
