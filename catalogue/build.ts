import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileOf, addressesFrom } from './addresses.ts';
import { intoPlace } from './build/into-place.ts';
import { onOneSnapshot } from './build/one-snapshot.ts';
import { faultText } from './serve/fault.ts';
import { frame } from './frame.ts';
import { looks } from './looks.ts';
import { pageKinds } from './pages.ts';
import { readSite } from './read-site.ts';
import type { CatalogueSource } from './read-site.ts';
import type { PageFolder, PageKind, Site } from './site.ts';

/** What to build, and where. */
export interface BuildOptions {
  readonly source: CatalogueSource;
  /** The folder that the site is in afterwards: new, empty, or made by an earlier build. */
  readonly folder: string;
  /** How many pages are made at once, each on a connection of its own. */
  readonly atOnce?: number;
  readonly kinds?: readonly PageKind[];
}

/** What was built. */
export interface Built {
  /** As an absolute path. */
  readonly folder: string;
  readonly pages: number;
  /** Of all files, as they lie there. */
  readonly bytes: number;
  readonly seconds: number;
}

/** A page could not be made, and so no site: which one and why, in one message. */
export class PageNotMade extends Error {
  override readonly name = 'PageNotMade';
}

/** One page to make. */
interface Task {
  readonly kind: PageKind;
  readonly id: string;
}

/**
 * Writes the whole site as files. All pages are of one moment of the database; the folder is exchanged for the new one
 * when that is complete, and stays as it was when a page cannot be made.
 *
 * @throws FolderRefused where the folder holds something else.
 */
export async function buildSite(options: BuildOptions): Promise<Built> {
  const { source, folder, atOnce = 4, kinds = pageKinds } = options;
  const began = performance.now();
  const written = await intoPlace(path.resolve(folder), async (aside) => {
    const tally = { pages: 0, bytes: 0 };
    const write = async (file: string, text: string): Promise<void> => {
      tally.bytes += Buffer.byteLength(text);
      await writeFile(path.join(aside, file), text);
    };
    for (const { folder } of kinds) await mkdir(path.join(aside, folder), { recursive: true });
    for (const { file, text } of await looks()) await write(file, text);
    await onOneSnapshot(source.database, atOnce, async (databases) => {
      const sites = await Promise.all(databases.map((database) => readSite(source, database)));
      const [first] = sites;
      if (first === undefined) return;
      const listed = await listTasks(first, kinds);
      const files = new Set(listed.map(({ kind, id }) => fileOf(kind.folder, id)));
      const hasPage = (folder: PageFolder, id: string): boolean => files.has(fileOf(folder, id));
      const tasks = oneByOne(listed);
      const walks = sites.map(async (own) => {
        const site = { ...own, at: first.at, repository: first.repository, hasPage };
        for (const task of tasks) {
          const text = await textOf(site, task, kinds);
          if (text === null) continue;
          tally.pages += 1;
          await write(fileOf(task.kind.folder, task.id), text);
        }
      });
      // Nobody writes any more into a folder that is taken away.
      await Promise.allSettled(walks);
      await Promise.all(walks);
    });
    return tally;
  });
  return {
    folder: path.resolve(folder),
    ...written,
    seconds: Math.round((performance.now() - began) / 10) / 100,
  };
}

async function listTasks(site: Site, kinds: readonly PageKind[]): Promise<readonly Task[]> {
  const tasks: Task[] = [];
  for (const kind of kinds) for (const id of await kind.ids(site)) tasks.push({ kind, id });
  return tasks;
}

/** For all who make pages: what fails in one of them ends it for the others too, after the page that each is making. */
function* oneByOne(tasks: readonly Task[]): Generator<Task> {
  yield* tasks;
}

/** @throws PageNotMade */
async function textOf(site: Site, { kind, id }: Task, kinds: readonly PageKind[]): Promise<string | null> {
  try {
    const page = await kind.page(site, id, addressesFrom(kind.folder === '' ? 0 : 1));
    return page === null ? null : frame({ site, kinds, folder: kind.folder, id, page });
  } catch (cause) {
    throw new PageNotMade(`${fileOf(kind.folder, id)} could not be made: ${faultText(cause)}`, { cause });
  }
}
