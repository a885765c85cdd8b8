import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { setUpPeers } from '../../../bench/peers/set-up.ts';
import { pythonEnvironment } from '../../../bench/peers/python.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-peers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function setUp(path: string, wanted: (name: string) => boolean = () => true) {
  return setUpPeers({ folder, env: { PATH: path }, settings: {}, wanted, onProgress: () => {} });
}

test('without Python every peer is missing, and the reason says what to install', async () => {
  const { ready, missing } = await setUp(folder);
  expect(ready).toEqual([]);
  expect(missing).toEqual([
    expect.stringMatching(/^Great Expectations: Python 3\.11.*there is none\. Install/),
    expect.stringMatching(/^Soda Core: Python/),
    expect.stringMatching(/^dbt: Python/),
  ]);
});

test('a Python that is too old is named with its version', async () => {
  await writeFile(join(folder, 'python3'), '#!/bin/sh\necho 3.8.10\n', { mode: 0o755 });
  const { missing } = await setUp(folder, (name) => name === 'dbt');
  expect(missing).toEqual([expect.stringMatching(/^dbt: .*python3 is 3\.8\.10/)]);
});

test('an installation that fails names what failed, with the end of what was said', async () => {
  const script =
    '#!/bin/sh\nif [ "$1" = -c ]; then echo 3.11.2; else echo no index reached >&2; exit 2; fi\n';
  await writeFile(join(folder, 'python3'), script, { mode: 0o755 });
  const { missing } = await setUp(folder, (name) => name === 'dbt');
  expect(missing).toEqual([expect.stringMatching(/ended with 2:\nno index reached\n.*PyPI/s)]);
});

test('nobody who is not wanted is set up', async () => {
  expect(await setUp(folder, () => false)).toEqual({ ready: [], missing: [] });
});

test('the peers may keep what they compiled: their start-up is not that of a first start', () => {
  const env = pythonEnvironment({ PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: '/elsewhere', PATH: '/bin' });
  expect(env).toEqual({ PATH: '/bin' });
});
