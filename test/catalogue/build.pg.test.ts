import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildSite, PageNotMade } from '../../catalogue/build.ts';
import { html } from '../../catalogue/html.ts';
import type { CatalogueSource } from '../../catalogue/read-site.ts';
import type { PageKind, Site } from '../../catalogue/site.ts';
import { folders } from '../activities/shop.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';

const ids = ['index', 'b', 'c', 'd', 'e', 'f'];

let database: FreshDatabase;
let source: CatalogueSource;
let folder: string;
beforeAll(async () => {
  database = await freshDatabase();
  folder = mkdtempSync(path.join(tmpdir(), 'weir-build-'));
  const links = { temporalUi: null, namespace: 'default', repositoryUrl: null };
  source = { database: database.admin, folders, environment: 'tests', links };
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
});

async function adopt(): Promise<void> {
  await sql`insert into control.model_text (model, sql_hash, text) values ('m', gen_random_uuid()::text, '')`.execute(
    database.admin,
  );
}

async function count({ database }: Pick<Site, 'database'>): Promise<number> {
  const rows = await database
    .selectFrom('control.model_text')
    .select('model')
    .where('model', '=', 'm')
    .execute();
  return rows.length;
}

/** Pages that say how many rows they saw, and when; while they are made, rows come. */
const counting: PageKind = {
  folder: '',
  name: 'Today',
  ids: async () => {
    await adopt();
    return ids;
  },
  page: async (site, id) => {
    const before = await count(site);
    await adopt();
    return { title: id, lead: null, body: html`<p>saw ${before} at ${site.at.toISOString()}</p>` };
  },
};

test('all pages are of one moment, whatever is committed while they are made', async () => {
  const site = path.join(folder, 'site');
  expect(await buildSite({ source, folder: site, kinds: [counting] })).toMatchObject({ pages: ids.length });
  const saw = ids.map(
    (id) => /saw .* at \S+Z/.exec(readFileSync(path.join(site, `${id}.html`), 'utf8'))?.[0],
  );
  expect(saw[0]).toMatch(/^saw 0 at /);
  expect(new Set(saw).size).toBe(1);
  expect(await count({ database: database.admin })).toBe(ids.length + 1);
});

test('a page knows which pages there are', async () => {
  const asking: PageKind = {
    ...counting,
    page: async ({ hasPage }, id) => ({
      title: id,
      lead: null,
      body: html`<p>${String(hasPage?.('', 'b'))} ${String(hasPage?.('gates', 'b'))}</p>`,
    }),
  };
  const site = path.join(folder, 'asking');
  await buildSite({ source, folder: site, kinds: [asking] });
  expect(readFileSync(path.join(site, 'index.html'), 'utf8')).toContain('<p>true false</p>');
});

test('a page that cannot be made is named, without what Postgres said, and nothing is written', async () => {
  const failing: PageKind = {
    ...counting,
    page: async ({ database }, id) => {
      if (id === 'd') await sql`select 'a secret of a row'::int`.execute(database);
      return { title: id, lead: null, body: html`<p></p>` };
    },
  };
  const site = path.join(folder, 'failing');
  const failed: unknown = await buildSite({ source, folder: site, kinds: [failing] }).catch(
    (error: unknown) => error,
  );
  expect(failed).toBeInstanceOf(PageNotMade);
  expect(String(failed)).toMatch(/d\.html could not be made: .*\(SQLSTATE 22P02\)/);
  expect(String(failed)).not.toContain('secret');
  expect(existsSync(site)).toBe(false);
});

test('once a page has failed no other is begun, and nobody writes any more', async () => {
  let begun = 0;
  const failing: PageKind = {
    ...counting,
    ids: async () => Array.from({ length: 200 }, (_, place) => `page${place}`),
    page: async (_site, id) => {
      begun += 1;
      if (id === 'page0') throw new Error('it cannot be made');
      await setImmediate();
      return { title: id, lead: null, body: html`<p></p>` };
    },
  };
  const site = path.join(folder, 'stopped');
  await expect(buildSite({ source, folder: site, kinds: [failing] })).rejects.toThrow(PageNotMade);
  const then = begun;
  expect(then).toBeLessThan(50);
  for (let turn = 0; turn < 300; turn += 1) await setImmediate();
  expect(begun).toBe(then);
  expect(readdirSync(folder).filter((name) => name.includes('stopped'))).toEqual([]);
});

test('an id that is no name of a file writes nothing outside', async () => {
  const climbing: PageKind = { ...counting, ids: async () => ['../outside'] };
  await expect(
    buildSite({ source, folder: path.join(folder, 'climbing'), kinds: [climbing] }),
  ).rejects.toThrow(/cannot be the name of a page/);
  expect(existsSync(path.join(folder, 'outside.html'))).toBe(false);
});
