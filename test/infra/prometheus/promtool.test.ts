import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPromtool } from './promtool.ts';

const emptyFolder = () => mkdtempSync(path.join(tmpdir(), 'weir-no-promtool-'));
const neverAsked = () => Promise.reject(new Error('asked to fetch'));

function program(): string {
  const file = path.join(emptyFolder(), 'promtool');
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}

describe('promtool', () => {
  it('is the one that is named, else one on PATH, else one that was fetched before', async () => {
    const [named, onPath, kept] = [program(), program(), program()];
    const environment = { PATH: path.dirname(onPath) };
    const folder = path.dirname(kept);
    expect(
      await findPromtool({
        environment: { ...environment, PROMTOOL_PATH: named },
        folder,
        fetch: neverAsked,
      }),
    ).toEqual({ path: named });
    expect(await findPromtool({ environment, folder, fetch: neverAsked })).toEqual({ path: onPath });
    expect(await findPromtool({ environment: {}, folder, fetch: neverAsked })).toEqual({ path: kept });
  });

  it('is done without where it is asked for, where what is named is none, and where it cannot be fetched', async () => {
    const folder = emptyFolder();
    expect(await findPromtool({ environment: { PROMTOOL_PATH: 'none' }, folder, fetch: neverAsked })).toEqual(
      {
        missing: 'PROMTOOL_PATH is none',
      },
    );
    expect(
      await findPromtool({ environment: { PROMTOOL_PATH: `${folder}/none` }, folder, fetch: neverAsked }),
    ).toMatchObject({ missing: expect.stringContaining('which is no program') });
    expect(await findPromtool({ environment: {}, folder, fetch: async () => 'no way out' })).toMatchObject({
      missing: expect.stringContaining('no promtool was found (no way out)'),
    });
  });
});
