import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findTemporalCli, temporalCliVersion } from '../../../infra/local/temporal-cli.ts';
import type { FetchOrder } from '../../../infra/local/temporal-cli-download.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(...path: string[]): string {
  const file = join(folder, ...path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '#!/bin/sh\necho temporal\n');
  chmodSync(file, 0o755);
  return file;
}

const refuse = (why: string) => () => Promise.reject(new Error(why));
const find = (ways: readonly ((order: FetchOrder) => Promise<string>)[], path = ''): Promise<string> =>
  findTemporalCli({ onProgress: () => {}, path, cacheFolder: join(folder, 'cache'), ways });

test('the one on PATH goes before the cached one', async () => {
  const onPath = program('bin', 'temporal');
  const cached = program('cache', `temporal-${temporalCliVersion}`, 'temporal');
  expect(await find([], `/nowhere:${join(folder, 'bin')}`)).toBe(onPath);
  expect(await find([])).toBe(cached);
});

test('what one way cannot get, the next one gets, once', async () => {
  let times = 0;
  const build = ({ folder: aside, fileName }: FetchOrder): Promise<string> => {
    times += 1;
    const file = join(aside, fileName);
    writeFileSync(file, '#!/bin/sh\necho temporal\n');
    return Promise.resolve(file);
  };
  const found = await Promise.all([find([refuse('no network'), build]), find([refuse('no network'), build])]);
  expect(found[0]).toBe(join(folder, 'cache', `temporal-${temporalCliVersion}`, 'temporal'));
  expect(found[1]).toBe(found[0]);
  expect(times).toBe(1);
});

test('where there is no way, the error says why and what to do', async () => {
  const error = await find([refuse('no network'), refuse('Go is missing')]).catch(
    (caught: Error) => caught.message,
  );
  expect(error).toMatch(
    /no network[\s\S]*Go is missing[\s\S]*docs\.temporal\.io\/cli[\s\S]*go\.dev\/dl[\s\S]*TEMPORAL_ADDRESS/,
  );
});
