import { mkdir, mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import type * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readGraph, readRepository } from '../../activities/repository.ts';
import type { RepositoryFolders } from '../../activities/repository.ts';
import { modelText, sourceText, ungated } from '../models/model-text.ts';

vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof fs>();
  return { ...actual, readFile: vi.fn<typeof readFile>(actual.readFile) };
});

let root: string;
let folders: RepositoryFolders;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'weir-repository-'));
  folders = { modelsFolder: join(root, 'models'), suitesFolder: join(root, 'suites') };
  await write('models/bronze/raw_things.sql', sourceText({ id: 'text' }));
  await write('models/gold/things.sql', things('select id from bronze.raw_things'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), text);
}

const things = (select: string): string => modelText('full_refresh', ungated, select);
const gated = (suite: string): string =>
  modelText(
    'full_refresh',
    `unique_key: [id]\ngates:\n  output: {suite: ${suite}}`,
    'select id from gold.things',
  );
const suite = JSON.stringify({
  name: 'things',
  expectations: [{ type: 'expect_column_values_to_not_be_null', kwargs: { column: 'id' } }],
});

/** Names of all models and suites that are read now. */
async function found(): Promise<readonly string[]> {
  const { models, suites } = await readRepository(folders);
  return [...models.map(({ name }) => name), ...suites.keys()];
}

/** What is refused, one text a problem. */
async function refused(): Promise<readonly string[]> {
  const error: unknown = await readRepository(folders).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  return error instanceof Error ? error.message.split('\n') : [];
}

describe('without a restart', () => {
  test('a new model and a new suite are seen', async () => {
    expect(await found()).toEqual(['raw_things', 'things']);
    await write('suites/more.json', suite);
    await write('models/gold/more.sql', gated('more'));
    expect(await found()).toEqual(['raw_things', 'things', 'more', 'more']);
  });

  test('a change is seen, and what was read before stays as it was', async () => {
    const before = await readGraph(folders);
    await write('models/gold/things.sql', things('select id from bronze.raw_things where true'));
    expect((await readGraph(folders)).byName.get('things')).toMatchObject({
      sql: expect.stringMatching(/true$/),
    });
    expect(before.byName.get('things')).toMatchObject({ sql: 'select id from bronze.raw_things' });
  });

  test('a file that takes the place of one of the same size and time is seen', async () => {
    const [file, next] = [join(root, 'models/gold/things.sql'), join(root, 'models/gold/things.next')];
    const time = new Date(0);
    await utimes(file, time, time);
    await readGraph(folders);
    await writeFile(next, things('select id from bronze.raw_things').replace('a test', 'a tset'));
    await utimes(next, time, time);
    await rename(next, file);
    expect((await readGraph(folders)).byName.get('things')).toMatchObject({ gateReason: 'a tset' });
  });

  test('a model that goes away is gone, and a file that was wrong can be mended', async () => {
    await write('models/gold/more.sql', 'select 1');
    expect(await refused()).toEqual([expect.stringMatching(/^models\/gold\/more\.sql:1: no header/)]);
    expect(await refused()).toHaveLength(1);
    await rm(join(root, 'models/gold/more.sql'));
    expect(await found()).toEqual(['raw_things', 'things']);
  });

  test('a disk that fails once is asked again', async () => {
    vi.mocked(readFile).mockRejectedValueOnce(new Error('EMFILE: too many open files'));
    expect(await refused()).toEqual(['EMFILE: too many open files']);
    expect(await found()).toEqual(['raw_things', 'things']);
  });

  test('nothing is read twice that did not change', async () => {
    await found();
    const reads = vi.mocked(readFile).mock.calls.length;
    expect((await readRepository(folders)).graph).toBe((await readRepository(folders)).graph);
    expect(vi.mocked(readFile).mock.calls).toHaveLength(reads);
  });
});

describe('files are refused', () => {
  test('all at once', async () => {
    await write('models/gold/one.sql', 'select 1');
    await write('models/silver/two.sql', things('select').replace('hourly', 'weekly'));
    expect((await refused()).map((one) => one.split(' ')[0])).toEqual(
      expect.arrayContaining(['models/gold/one.sql:1:', 'models/silver/two.sql:3:']),
    );
  });

  test('that are models of two layers by one name', async () => {
    await write('models/silver/things.sql', things('select id from bronze.raw_things'));
    expect(await refused()).toEqual([expect.stringContaining('has the same name')]);
  });

  test('that name a suite nobody wrote, with those there are', async () => {
    await write('suites/things.json', suite);
    await write('models/gold/more.sql', gated('thigns'));
    expect(await refused()).toEqual([
      'models/gold/more.sql:9: suite thigns does not exist. Write expectations/suites/thigns.json, or name one of things.',
    ]);
  });

  test('that are suites, each with its problems', async () => {
    await write('suites/one.json', '{');
    await write('suites/two.json', suite.replace('not_be_null', 'not_be_nul'));
    const problems = await refused();
    expect(problems.some((one) => one.startsWith('expectations/suites/one.json: the file is not JSON'))).toBe(
      true,
    );
    expect(
      problems.some((one) => one.startsWith('expectations/suites/two.json /expectations/0/type: ')),
    ).toBe(true);
    expect((await readGraph(folders)).models).toHaveLength(2);
  });
});

test('other files are left alone, and a layer may be missing', async () => {
  for (const file of [
    'models/README.md',
    'models/gold/.things.sql',
    'models/gold/things.sql.orig',
    'suites/README.md',
  ])
    await write(file, 'nothing');
  expect(await found()).toEqual(['raw_things', 'things']);
});
