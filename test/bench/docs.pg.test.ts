import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRepository } from '../../activities/repository.ts';
import type { RepositoryFolders } from '../../activities/repository.ts';
import { writeRepository } from '../../bench/docs/repository.ts';
import { shopOf } from '../../bench/docs/shop.ts';
import { fillYear, type Year } from '../../bench/docs/year.ts';
import { buildSite } from '../../catalogue/build.ts';
import { exportDocs } from '../../catalogue/data-docs/export-docs.ts';
import { loginUrl } from '../../infra/local/logins.ts';
import { migrate } from '../../infra/migrate.ts';
import { openDatabase } from '../../workers/databases.ts';
import { brokenLinks, crawl } from '../catalogue/crawl.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';

const DAYS = 3;
const models = shopOf(14);
const home = mkdtempSync(path.join(tmpdir(), 'weir-bench-docs-'));

let database: FreshDatabase;
let folders: RepositoryFolders;
let year: Year;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
  folders = await writeRepository(home, models);
  await migrate(database.adminUrl, folders);
  const admin = openDatabase(database.adminUrl, 'test bench', 1);
  const repository = await readRepository(folders);
  year = await fillYear({ admin, repository, days: DAYS, results: 20, onProgress: () => {} });
  await admin.destroy();
}, 120_000);
afterAll(async () => {
  rmSync(home, { recursive: true, force: true });
  await database.drop();
});

test('the shop of the bench is of the size that the issue names, and parses', async () => {
  const large = shopOf(140);
  const read = await readRepository(await writeRepository(path.join(home, 'large'), large));
  expect(read.models).toHaveLength(140);
  expect(
    large.filter(({ schedule }) => schedule === 'hourly').flatMap(({ gates }) => Object.keys(gates)),
  ).toHaveLength(140);
});

test('each gate was asked every hour, and every promise of it', async () => {
  const hourly = models
    .filter(({ schedule }) => schedule === 'hourly')
    .flatMap(({ gates }) => Object.keys(gates)).length;
  const daily = models.filter(({ schedule }) => schedule === 'daily').length;
  expect(year.evaluations).toBe(DAYS * (24 * hourly + daily));
  expect(year.promiseResults).toBe(year.evaluations * 6);
  const { rows } = await sql`
    select count(*)::int as leases from control.lease where state = 'held'`.execute(database.admin);
  expect(rows).toMatchObject([{ leases: 1 }]);
});

test('its site is built on the catalogue’s own login, and every link leads somewhere', async () => {
  const reader = openDatabase(loginUrl(database.adminUrl, 'weir_catalogue_reader'), 'test catalogue', 3);
  try {
    const folder = path.join(home, 'site');
    const links = { temporalUi: null, namespace: 'default', repositoryUrl: null };
    const source = { database: reader, folders, environment: 'development', links };
    const built = await buildSite({ source, folder, atOnce: 2 });
    const pages = crawl(folder);
    expect(pages).toHaveLength(built.pages);
    const files = pages.map(({ file }) => file);
    expect(files).toEqual(expect.arrayContaining(models.map(({ name }) => `models/${name}.html`)));
    const others = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) => !name.endsWith('.html'),
    );
    expect(brokenLinks(pages, others)).toEqual([]);
    const [{ file, gzippedBytes } = { file: '', gzippedBytes: 0 }] = pages.toSorted(
      (a, b) => b.gzippedBytes - a.gzippedBytes,
    );
    expect({ file, isLight: gzippedBytes <= 60_000 }).toEqual({ file, isLight: true });
  } finally {
    await reader.destroy();
  }
}, 120_000);

test('its results are exported for the peer', async () => {
  const repository = await readRepository(folders);
  const since = '2000-01-01T00:00:00.000Z';
  const options = { database: database.admin, repository, since, suite: null, limit: 10, values: false };
  const exported = await exportDocs({ ...options, folder: path.join(home, 'data-docs') });
  expect(exported).toMatchObject({ results: 10, leftOut: 10, suites: repository.suites.size });
});
