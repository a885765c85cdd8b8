import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { findChromium, type FindChromiumOptions } from './chromium.ts';

const EMPTY = mkdtempSync(path.join(tmpdir(), 'weir-no-chromium-'));

function program(name: string): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'weir-chromium-')), name);
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}

const find = (environment: NodeJS.ProcessEnv, install: FindChromiumOptions['install']) =>
  findChromium({ onProgress: () => undefined, environment, ...(install ? { install } : {}) });
const neverAsked = () => Promise.reject(new Error('asked to install'));

describe('Chromium', () => {
  it('is the one that CHROMIUM_PATH names, whatever else is there', async () => {
    const [named, other] = [program('mine'), program('chromium')];
    expect(await find({ CHROMIUM_PATH: named, PATH: path.dirname(other) }, neverAsked)).toEqual({
      path: named,
    });
  });

  it.each(['chromium', 'chromium-browser', 'google-chrome'])('is found on PATH as %s', async (name) => {
    const file = program(name);
    expect(await find({ PATH: `${EMPTY}${path.delimiter}${path.dirname(file)}` }, neverAsked)).toEqual({
      path: file,
    });
  });

  it('is done without when CHROMIUM_PATH says so, or names what is no program', async () => {
    expect(await find({ CHROMIUM_PATH: 'none' }, neverAsked)).toEqual({ missing: 'CHROMIUM_PATH is none' });
    expect(await find({ CHROMIUM_PATH: EMPTY + '/none' }, neverAsked)).toMatchObject({
      missing: expect.stringContaining('which is no program'),
    });
  });

  it('is installed once where it is missing; where that fails, the reason and the mend are said', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'weir-chromium-'));
    const install = vi.fn(async () => {
      writeFileSync(path.join(folder, 'chromium'), '#!/bin/sh\n', { mode: 0o755 });
      return null;
    });
    expect(await find({ PATH: folder }, install)).toEqual({ path: path.join(folder, 'chromium') });
    expect(install).toHaveBeenCalledTimes(1);
    const answer = await find({ PATH: EMPTY }, async () => 'only root may install it');
    expect(answer).toEqual({
      missing:
        'no Chromium was found (only root may install it); install the package chromium, or name one in CHROMIUM_PATH',
    });
  });
});
