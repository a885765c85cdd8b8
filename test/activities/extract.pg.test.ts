import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createExtract } from '../../activities/extract.ts';
import { until } from '../poll.ts';
import { did, line, openLanding, rows } from './extract/landing.ts';
import type { Landing } from './extract/landing.ts';
import { folders, runOf } from './shop.ts';

let landing: Landing;
beforeEach(async () => {
  landing = await openLanding();
});
afterEach(() => landing.close());

const many = Array.from({ length: 2000 }, (_, index) => `T${index}`);
const content = [...many.map((id) => line(id)), 'no record\n'].join('');

/** Backends of the loader that wait for a lock in the middle of their transaction. */
async function waiting(): Promise<readonly number[]> {
  const { rows: found } = await sql<{ pid: number }>`
    select pid from pg_stat_activity where datname = current_database() and usename = 'weir_loader' and wait_event_type = 'Lock'`.execute(
    landing.admin,
  );
  return found.map(({ pid }) => pid);
}

/** Rows of bronze, notes of files, rejected lines. */
async function counts(): Promise<unknown> {
  const { rows: found } = await sql`
    select (select count(*) from bronze.raw_transactions) as bronze, (select count(*) from control.landing) as files,
      (select count(*) from control.quarantine) as quarantine`.execute(landing.admin);
  return found[0];
}

describe('a file lands once', () => {
  test('when two extracts meet it at the same time', async () => {
    for (const name of ['a.jsonl', 'b.jsonl', 'c.jsonl']) await landing.deliver(name, content);
    const both = await Promise.all([landing.extract(), landing.extract(), landing.extract()]);
    const sum = (key: 'files' | 'rows' | 'rejected'): number => both.reduce((all, one) => all + one[key], 0);
    expect([sum('files'), sum('rows'), sum('rejected')]).toEqual([3, 6000, 3]);
    expect(await counts()).toEqual({ bronze: 6000, files: 3, quarantine: 3 });
  });

  test('when two extracts meet a new revision of it at the same time', async () => {
    await landing.deliver('a.jsonl', line('OLD'), 1);
    await landing.extract();
    await landing.deliver('a.jsonl', line('NEW'), 2);
    const both = await Promise.all([landing.extract(), landing.extract()]);
    expect(both).toEqual(expect.arrayContaining([did({ files: 1, rows: 1, retractedFiles: 1 }), did({})]));
    expect(await landing.seen('a.jsonl')).toEqual(rows(['NEW'], 2));
  });

  test('when the connection is cut midway: nothing of it stays, what had landed before does, and a retry lands it', async () => {
    await landing.deliver('a.jsonl', line('A'));
    await landing.extract();
    await landing.deliver('b.jsonl', content);
    const blocker = await landing.admin.startTransaction().execute();
    // Rows are written before the note that they landed: it waits with them in its transaction.
    await sql`lock table control.landing in share mode`.execute(blocker);
    const cut = landing.extract().catch((error: unknown) => error);
    const pids = await until(
      async () => {
        const found = await waiting();
        return found.length > 0 && found;
      },
      { what: 'the extract waits to note what it landed' },
    );
    for (const pid of pids) await sql`select pg_terminate_backend(${pid}::int)`.execute(landing.admin);
    expect(await cut).toMatchObject({ message: expect.not.stringContaining('T1') });
    await blocker.rollback().execute();
    expect(await counts()).toEqual({ bronze: 1, files: 1, quarantine: 0 });
    expect(await landing.extract()).toEqual(did({ files: 1, rows: 2000, rejected: 1 }));
    expect(await landing.extract()).toEqual(did({}));
    expect(await landing.seen('b.jsonl')).toEqual(rows(many));
  });
});

describe('an extract', () => {
  test('of a folder that nothing was delivered to yet lands nothing', async () => {
    expect(await landing.extract()).toEqual(did({}));
  });

  test('of what is no source is refused', async () => {
    const refused = { type: 'InvalidModel', nonRetryable: true };
    await expect(landing.extract('raw_none')).rejects.toMatchObject({
      ...refused,
      message: 'No file under models/bronze is named raw_none.sql.',
    });
    await expect(landing.extract('dim_stores')).rejects.toMatchObject({
      ...refused,
      message: 'models/gold/dim_stores.sql is no source.',
    });
  });

  test('without its landing folder says which, and can be tried again when it is mounted', async () => {
    const gone = await mkdtemp(join(tmpdir(), 'weir-gone-'));
    await rm(gone, { recursive: true });
    const loader = landing.loader;
    const { extract } = createExtract({ databases: { loader }, folders, landingFolder: gone });
    await expect(extract({ source: 'raw_transactions', run: runOf('gone') })).rejects.toMatchObject({
      type: 'LandingFolderMissing',
      nonRetryable: false,
      message: expect.stringContaining(gone),
    });
  });
});
