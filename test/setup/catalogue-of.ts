import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSite } from '../../catalogue/build.ts';
import { loginUrl } from '../../infra/local/logins.ts';
import { openDatabase } from '../../workers/databases.ts';
import type { TestWeir } from './weir.ts';

/** Connections that pages are made on at once. */
const AT_ONCE = 2;

/** The whole catalogue of a test's Weir as it is built for people, by file: `gates/index.html`. */
export async function catalogueOf({ settings, temporal }: TestWeir): Promise<ReadonlyMap<string, string>> {
  const aside = await mkdtemp(path.join(tmpdir(), 'weir-catalogue-'));
  const folder = path.join(aside, 'site');
  const login = loginUrl(settings.databaseUrl, 'weir_catalogue_reader');
  const database = openDatabase(login, 'test catalogue', AT_ONCE + 1);
  try {
    const links = { temporalUi: temporal.uiUrl, namespace: temporal.namespace, repositoryUrl: null };
    const source = { database, folders: settings, environment: settings.environment, links };
    await buildSite({ source, folder, atOnce: AT_ONCE });
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    const texts = files
      .filter((one) => one.isFile())
      .map((one) => path.join(one.parentPath, one.name))
      .map(async (file) => [path.relative(folder, file), await readFile(file, 'utf8')] as const);
    return new Map(await Promise.all(texts));
  } finally {
    await database.destroy();
    await rm(aside, { recursive: true, force: true });
  }
}
