import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** A delivered file. */
export interface LandingFile {
  /** Path below the source's folder, with `/`: what `_source` says. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
  /** Whole milliseconds: the clock of file systems is finer than that of a Date. */
  readonly modifiedAt: Date;
}

/**
 * Lists delivered files by name, folders below included. Names that begin with `.` or end in `.tmp` are left alone:
 * deliver a file under such a name and rename it when it is whole, because a rename is seen at once or not at all.
 *
 * @returns nothing where the folder does not exist yet: nothing was delivered.
 */
export async function listFiles(folder: string): Promise<readonly LandingFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(noneIfMissing);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const names = paths
    .map((path) => ({
      path,
      name: path
        .slice(folder.length)
        .replace(/^[/\\]+/, '')
        .split(sep)
        .join('/'),
    }))
    .filter(({ name }) => !name.endsWith('.tmp') && !name.split('/').some((part) => part.startsWith('.')))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const files = await Promise.all(
    names.map(async (one) => ({ ...one, found: await stat(one.path).catch(nullIfMissing) })),
  );
  return files.flatMap(({ name, path, found }) =>
    found === null ? [] : [{ name, path, size: found.size, modifiedAt: wholeMilliseconds(found.mtimeMs) }],
  );
}

/** A time as it comes back from the database. */
function wholeMilliseconds(mtimeMs: number): Date {
  return new Date(Math.floor(mtimeMs));
}

function noneIfMissing(error: unknown): never[] {
  nullIfMissing(error);
  return [];
}

function nullIfMissing(error: unknown): null {
  if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return null;
  throw error;
}
