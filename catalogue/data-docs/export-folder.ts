import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StoreFile } from './export-result.ts';
import { PROJECT, storeFolders } from './store-paths.ts';

/** The folder has a project that no export wrote: its suites and results are somebody's work. */
export class NotAnExport extends Error {
  override readonly name = 'NotAnExport';
}

/** A folder that an export writes to. */
export interface ExportFolder {
  /** A suite or a result. */
  readonly write: (file: StoreFile) => Promise<void>;
  /** What every export has. */
  readonly writeFixed: (path: string, text: string) => Promise<void>;
  /** Removes what an earlier export wrote and this one did not. @returns how many files that were */
  readonly finish: () => Promise<number>;
}

/** What exports wrote, a path a line: more than is there after one that was cut off, never less. */
const LIST = `${PROJECT}/weir-export.txt`;

/**
 * Opens a folder for an export, a first one or one more.
 *
 * @param values whether values of rows are written: then nobody but the owner of the files may read them.
 * @throws NotAnExport
 */
export async function openExport(folder: string, values: boolean): Promise<ExportFolder> {
  const known = await readList(folder);
  const fresh = new Set<string>();
  const put = (path: string, text: string, mode = 0o644): Promise<void> =>
    writeUnder(join(folder, path), text, mode);
  if (known.size === 0) await put(LIST, '');
  return {
    writeFixed: put,
    write: async ({ path, text }) => {
      fresh.add(path);
      if (!known.has(path)) await appendFile(join(folder, LIST), `${path}\n`);
      await put(path, text, values ? 0o600 : 0o644);
    },
    finish: async () => {
      const stale = [...known].filter((path) => !fresh.has(path));
      for (const path of stale) await remove(folder, path);
      await put(LIST, [...fresh].map((path) => `${path}\n`).join(''));
      return stale.length;
    },
  };
}

/** Only paths that an export may have written: whoever may write the list is not to have other files removed. */
async function readList(folder: string): Promise<ReadonlySet<string>> {
  const list = join(folder, LIST);
  if (existsSync(list)) {
    const paths = (await readFile(list, 'utf8')).split('\n');
    return new Set(paths.filter(isOwn));
  }
  if (existsSync(join(folder, PROJECT)))
    throw new NotAnExport(
      `${join(folder, PROJECT)} is there already and no export of Weir's: it has no ${LIST}. Name another folder, or a new one within it.`,
    );
  return new Set();
}

function isOwn(path: string): boolean {
  const below = Object.values(storeFolders).some((folder) => path.startsWith(`${folder}/`));
  return below && path.endsWith('.json') && path.split('/').every((part) => !/^\.*$/.test(part));
}

/** By way of another name: who reads at the same time sees a file whole or not at all, and the mode is right from the start. */
async function writeUnder(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, text, { mode });
  await rename(`${path}.part`, path);
}

async function remove(folder: string, path: string): Promise<void> {
  await rm(join(folder, path), { force: true });
  const top = Object.values(storeFolders);
  for (let parent = dirname(path); !top.some((one) => one === parent); parent = dirname(parent)) {
    const isEmpty = await rmdir(join(folder, parent)).then(
      () => true,
      () => false,
    );
    if (!isEmpty) return;
  }
}
